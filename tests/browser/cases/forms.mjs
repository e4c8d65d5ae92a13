import assert from "node:assert/strict";
import { numberIn, runOf, textOf, untilState } from "../visit.mjs";

const everyType = `description = "Takes a parameter of every type"
[params.count]
type = "integer"
required = true
min = 1
max = 100
description = "How many of them"
[params.share]
type = "number"
min = 0
max = 1
default = 0.5
[params.word]
type = "string"
default = "new"
[params.force]
type = "boolean"
default = false
[params.since]
type = "date"
[params.mode]
type = "choice"
choices = ["fast", "careful"]
default = "careful"
[params.password]
type = "string"
secret = true
[source]
table = "every_type"
where = "id <= :count"
[action]
kind = "sql"
statement = "UPDATE every_type SET done = done + :force, note = CONCAT_WS('|', :share, :word, :since, :mode, :password) WHERE id = :id"
`;

async function makeEveryType(shop) {
    await shop.sql(`CREATE TABLE IF NOT EXISTS every_type (id INT UNSIGNED PRIMARY KEY, done INT NOT NULL DEFAULT 0, note VARCHAR(200));
                    REPLACE INTO every_type (id) SELECT seq FROM seq_1_to_100`);
    await shop.job("every_type", everyType);
}

/// Sends what a browser's own checks would not let through, as any other program might.
const force = (page, name, value) =>
    page.evaluate(
        ([field, text]) => {
            const old = document.querySelector(`[id="param-${field}"]`);
            const free = document.createElement("input");
            Object.assign(free, { id: old.id, name: field, value: text });
            for (const other of document.querySelectorAll(`[name="${field}"]`)) if (other !== old) other.remove();
            old.replaceWith(free);
            document.getElementById("start").noValidate = true;
        },
        [name, value],
    );

const countRuns = (visit) => visit.shop.number("SELECT COUNT(*) FROM rowmill.runs WHERE job = 'every_type'");

export const forms = {
    "a parameter of every type gets from the form to the rows, a secret without being shown": async (visit) => {
        await makeEveryType(visit.shop);
        const page = await visit.begin("every_type", async (form) => {
            await form.getByLabel("count").fill("40");
            await form.getByLabel("share").fill("0.25");
            await form.locator("#param-word").fill(`O'Brien & "Söhne" <b>`);
            await form.getByLabel("force").check();
            await form.getByLabel("since").fill("2024-02-29");
            await form.getByLabel("mode").selectOption("fast");
            await form.getByLabel("password").fill("sw0rdfish");
        });
        await untilState(page, "succeeded");
        assert.equal(numberIn(await textOf(page, "succeeded")), 40);
        const rows = await visit.shop.sql("SELECT done, note, COUNT(*) FROM every_type WHERE note IS NOT NULL GROUP BY done, note");
        assert.deepEqual(rows, [["1", `0.25|O'Brien & "Söhne" <b>|2024-02-29|fast|sw0rdfish`, "40"]]);
        const shown = await page.content();
        assert.ok(shown.includes("O'Brien") && !shown.includes("sw0rdfish"));
        assert.ok(!(await (await fetch(`${visit.url}/api/runs/${runOf(page)}`)).text()).includes("sw0rdfish"));
    },

    "a bad value of every type is caught by the browser where it can, and by the server beside its field": async (visit) => {
        await makeEveryType(visit.shop);
        const before = await countRuns(visit).catch(() => 0);
        const bad = { count: ["", "x", "0", "101", "1.5"], share: ["much", "1.5", "-1"], force: ["perhaps"], since: ["2024-02-30", "today"], mode: ["slow"] };
        const page = await visit.open("/jobs/every_type");
        await page.getByLabel("count").fill("101");
        await page.getByRole("button", { name: "Start" }).click();
        assert.ok(await page.evaluate(() => !document.getElementById("param-count").validity.valid));
        assert.match(page.url(), /\/jobs\/every_type$/);
        for (const [name, values] of Object.entries(bad)) {
            for (const value of values) {
                await page.goto(`${visit.url}/jobs/every_type`);
                if (name !== "count") await page.getByLabel("count").fill("1");
                await force(page, name, value);
                const [answer] = await Promise.all([
                    page.waitForResponse((response) => response.request().method() === "POST"),
                    page.getByRole("button", { name: "Start" }).click(),
                ]);
                assert.equal(answer.status(), 422, `${name} = ${value}`);
                await page.locator(`[id="param-${name}-problem"]`).waitFor();
                assert.equal(await page.locator(`[id="param-${name}"]`).getAttribute("aria-invalid"), "true");
            }
        }
        assert.equal(await countRuns(visit).catch(() => 0), before, "nothing was started");
        await visit.inspect(page, "job-with-problems");
    },

    "what was typed stays in a form that comes back, but for a secret": async (visit) => {
        await makeEveryType(visit.shop);
        const page = await visit.open("/jobs/every_type");
        await page.locator("#param-word").fill("kept <i>");
        await page.getByLabel("password").fill("sw0rdfish");
        await force(page, "count", "x");
        await page.getByRole("button", { name: "Start" }).click();
        await page.locator("#param-count-problem").waitFor();
        assert.equal(await page.locator("#param-word").inputValue(), "kept <i>");
        assert.equal(await page.getByLabel("count").inputValue(), "x");
        assert.equal(await page.getByLabel("password").inputValue(), "");
    },

    "the plan of a job changes nothing, and can be started from": async (visit) => {
        await makeEveryType(visit.shop);
        const page = await visit.open("/jobs/every_type");
        await page.getByLabel("count").fill("30");
        await page.getByRole("button", { name: "Plan" }).click();
        await page.getByRole("heading", { name: "The plan" }).waitFor();
        assert.equal(await visit.shop.number("SELECT COUNT(*) FROM every_type WHERE note IS NOT NULL"), 0);
        assert.equal(await page.getByLabel("count").inputValue(), "30");
        await visit.inspect(page, "plan");
        await page.getByRole("button", { name: "Start" }).click();
        await page.waitForURL(/\/runs\/\d+$/);
        await untilState(page, "succeeded");
        assert.equal(await visit.shop.number("SELECT COUNT(*) FROM every_type WHERE note IS NOT NULL"), 30);
    },

    "all of it works without JavaScript": async (visit) => {
        await visit.shop.countingJob("plain", 50000, 500);
        const page = await visit.begin("plain", async () => {}, { javaScriptEnabled: false });
        assert.equal(await page.locator('meta[http-equiv="refresh"]').count(), 1);
        await page.getByRole("button", { name: "Pause" }).click();
        await page.locator('.heading .state[data-state="paused"]').waitFor();
        await page.getByText("Settings", { exact: true }).click();
        await page.getByLabel("rate", { exact: true }).fill("0");
        await page.getByRole("button", { name: "Set", exact: true }).click();
        await page.locator(".notice", { hasText: "rate=0" }).waitFor();
        await page.getByRole("button", { name: "Resume" }).click();
        // The page loads itself anew until the end.
        await untilState(page, "succeeded");
        assert.equal(await visit.shop.number("SELECT COUNT(*) FROM plain WHERE done = 1"), 50000);
        assert.equal(await page.locator('meta[http-equiv="refresh"]').count(), 0);
    },
};
