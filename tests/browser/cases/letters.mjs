import assert from "node:assert/strict";
import { untilState } from "../visit.mjs";

/// Of 300 rows six can't have what they want: four want nothing (error 1048), two what another row has (1062).
async function failingJob(shop, name) {
    await shop.sql(`CREATE TABLE ${name} (id INT UNSIGNED PRIMARY KEY, title VARCHAR(100) NOT NULL, slot INT NULL UNIQUE);
                    CREATE TABLE ${name}_wanted (id INT UNSIGNED PRIMARY KEY, slot INT NULL);
                    INSERT INTO ${name} SELECT seq, CONCAT('<script>alert(', seq, ')</script>'), -CAST(seq AS INT) FROM seq_1_to_300;
                    ALTER TABLE ${name} MODIFY slot INT NOT NULL;
                    INSERT INTO ${name}_wanted SELECT seq, seq FROM seq_1_to_300;
                    UPDATE ${name}_wanted SET slot = NULL WHERE id IN (10, 20, 30, 40);
                    UPDATE ${name}_wanted SET slot = 1 WHERE id IN (50, 60)`);
    await shop.job(name, `description = "Gives each row its slot"
[source]
table = "${name}"
columns = ["title"]
[action]
kind = "sql"
statement = "UPDATE ${name} SET slot = (SELECT slot FROM ${name}_wanted w WHERE w.id = :id) WHERE id = :id"
[run]
max_failures = 100
max_attempts = 1
`);
}

const keys = (page) => page.locator("#letters .list .key").allTextContents();

export const letters = {
    "dead letters are filtered by class, looked at, and tried again one by one, by class and all": async (visit) => {
        await failingJob(visit.shop, "slots");
        const page = await visit.begin("slots");
        await untilState(page, "succeeded");
        await untilListed(page, 6);
        assert.deepEqual((await keys(page)).sort(), ["10", "20", "30", "40", "50", "60"]);
        await visit.inspect(page, "dead-letters");

        await choose(page, "1062");
        assert.deepEqual((await keys(page)).sort(), ["50", "60"]);
        await page.locator("#letters summary", { hasText: "50" }).click();
        await page.locator("#letters dd", { hasText: "<script>alert(50)</script>" }).waitFor();

        // One of them, whose cause is mended.
        await visit.shop.sql("UPDATE slots_wanted SET slot = 50 WHERE id = 50");
        await page.getByRole("button", { name: "Retry this one" }).first().click();
        await page.locator(".notice").waitFor();
        await untilListed(page, 5);
        assert.deepEqual((await keys(page)).sort(), ["10", "20", "30", "40", "60"]);

        // A class of them.
        await visit.shop.sql("UPDATE slots_wanted SET slot = id WHERE id IN (10, 20, 30)");
        await choose(page, "1048");
        await page.getByRole("button", { name: "Retry the 4 of class 1048" }).click();
        await untilListed(page, 2);
        assert.deepEqual((await keys(page)).sort(), ["40", "60"]);

        // All of them.
        await visit.shop.sql("UPDATE slots_wanted SET slot = id");
        await page.getByRole("button", { name: "Retry all 2" }).click();
        await page.locator("#letters").waitFor({ state: "hidden" });
        await untilState(page, "succeeded");
        assert.equal(await visit.shop.number("SELECT COUNT(*) FROM slots WHERE slot = id"), 300);
    },
};

async function choose(page, errorClass) {
    await page.locator(".chips a", { hasText: errorClass }).click();
    await page.locator(".chips a[aria-current]", { hasText: errorClass }).waitFor();
}

/// Waits until the run has ended with so many and the page lists them, as it offers to.
async function untilListed(page, count) {
    for (;;) {
        await page.waitForFunction(
            (wanted) =>
                document.querySelector("#letters [data-text=dead_letters]").textContent === String(wanted) &&
                document.querySelector(".heading .state").dataset.state === "succeeded" &&
                (document.getElementById("letters").dataset.count === String(wanted) ||
                    !document.getElementById("letters-changed").hidden),
            count,
        );
        if ((await page.locator("#letters").getAttribute("data-count")) === String(count)) return;
        await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Show them" }).click()]);
    }
}
