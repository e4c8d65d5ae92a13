import assert from "node:assert/strict";
import { textOf, untilState } from "../visit.mjs";

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
        await page.reload();
        assert.equal(await textOf(page, "dead_letters"), "6");
        assert.deepEqual((await keys(page)).sort(), ["10", "20", "30", "40", "50", "60"]);
        await visit.inspect(page, "dead-letters");

        await page.locator(".chips a", { hasText: "1062" }).click();
        assert.deepEqual((await keys(page)).sort(), ["50", "60"]);
        await page.locator("#letters summary", { hasText: "50" }).click();
        await page.locator("#letters dd", { hasText: "<script>alert(50)</script>" }).waitFor();

        // One of them, whose cause is mended.
        await visit.shop.sql("UPDATE slots_wanted SET slot = 50 WHERE id = 50");
        await page.getByRole("button", { name: "Retry this one" }).first().click();
        await page.locator(".notice").waitFor();
        await untilLetters(page, 5);
        assert.deepEqual((await keys(page)).sort(), ["10", "20", "30", "40", "60"]);

        // A class of them.
        await visit.shop.sql("UPDATE slots_wanted SET slot = id WHERE id IN (10, 20, 30)");
        await page.locator(".chips a", { hasText: "1048" }).click();
        await page.getByRole("button", { name: "Retry the 4 of class 1048" }).click();
        await untilLetters(page, 2);
        assert.deepEqual((await keys(page)).sort(), ["40", "60"]);

        // All of them.
        await visit.shop.sql("UPDATE slots_wanted SET slot = id");
        await page.getByRole("button", { name: "Retry all 2" }).click();
        await untilLetters(page, 0);
        await untilState(page, "succeeded");
        assert.equal(await visit.shop.number("SELECT COUNT(*) FROM slots WHERE slot = id"), 300);
    },
};

/// Follows the run without loading its page anew until it has ended with so many, then loads it to read the list.
async function untilLetters(page, count) {
    await page.waitForFunction(
        (wanted) =>
            document.querySelector('#letters [data-text="dead_letters"]').textContent === String(wanted) &&
            document.querySelector(".heading .state").dataset.state === "succeeded",
        count,
    );
    await page.goto(page.url().replace(/[?#].*/, ""));
}
