import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { untilPercent, untilState } from "../visit.mjs";

export const looks = {
    "the list of runs and jobs looks right and is open to everybody": async (visit) => {
        await visit.shop.countingJob("nightly_totals", 40000, 200);  // minutes: it is cancelled in the end
        await visit.shop.job("torn", "[source]\ntabel = \"x\"\n");
        const run = await visit.begin("nightly_totals");
        await untilPercent(run, 2);
        const index = await visit.open("/");
        await index.locator("#jobs .problem", { hasText: "tabel" }).waitFor();
        await visit.inspect(index, "index");
        await run.getByText("Cancel…").click();
        await run.getByRole("button", { name: /for good/ }).click();
        await untilState(run, "cancelled");
    },

    "a job's page looks right and is open to everybody": async (visit) => {
        await visit.shop.countingJob("billing", 1000, 0);
        await visit.inspect(await visit.open("/jobs/billing"), "job");
    },

    "a run's page looks right and is open to everybody, live and ended": async (visit) => {
        await visit.shop.countingJob("fix_totals", 120000, 1000, "sack_rows = 500\n");  // until its rate is set
        const page = await visit.begin("fix_totals");
        await untilPercent(page, 5);
        await visit.inspect(page, "run");
        await page.getByText("Settings", { exact: true }).click();
        await visit.inspect(page, "run-settings");
        await page.getByLabel("rate", { exact: true }).fill("0");
        await page.getByRole("button", { name: "Set", exact: true }).click();
        await untilState(page, "succeeded");
        await page.reload();
        await visit.inspect(page, "run-ended");
    },

    "an unknown run has a page with a way back": async (visit) => {
        const page = await visit.open("/runs/999999");
        assert.equal(await page.locator(".status").textContent(), "404");
        await visit.inspect(page, "not-found");
        await page.getByRole("link", { name: /Back/ }).click();
        await page.getByRole("heading", { name: "Runs", exact: true }).waitFor();
    },

    "where a token is asked for, the login leads on to what was asked for": async (visit) => {
        const file = join(visit.shop.folder, "token");
        await writeFile(file, "0123456789abcdef0123456789abcdef\n", { mode: 0o600 });
        visit.server = await visit.shop.serve(0, "--token-file", file);
        const page = await visit.open("/jobs/");
        await page.goto(`${visit.url}/`);
        await page.getByLabel("Token").fill("wrong");
        await page.getByRole("button", { name: "Log in" }).click();
        await page.locator("#token-problem").waitFor();
        await visit.inspect(page, "login");
        await page.getByLabel("Token").fill("0123456789abcdef0123456789abcdef");
        await page.getByRole("button", { name: "Log in" }).click();
        await page.getByRole("heading", { name: "Runs", exact: true }).waitFor();
        await page.getByRole("button", { name: "Log out" }).click();
        await page.getByLabel("Token").waitFor();
        await visit.server.stop();
    },
};
