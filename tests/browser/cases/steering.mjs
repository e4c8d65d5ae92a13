import assert from "node:assert/strict";
import { numberIn, runOf, textOf, untilPercent, untilState } from "../visit.mjs";

export const steering = {
    "a run is paused, set and resumed from its page": async (visit) => {
        await visit.shop.countingJob("steered", 20000, 1000);
        const page = await visit.begin("steered");
        await untilPercent(page, 1);
        await page.getByRole("button", { name: "Pause" }).click();
        await page.locator(".notice", { hasText: "is paused" }).waitFor();
        await untilState(page, "paused");
        const held = await visit.shop.number("SELECT SUM(done) FROM steered");
        assert.ok(held < 20000);

        await page.getByText("Settings", { exact: true }).click();
        const rate = page.getByLabel("rate", { exact: true });
        assert.equal(await rate.inputValue(), "1000");
        await rate.fill("0");
        await page.getByRole("button", { name: "Set", exact: true }).click();
        await page.locator(".notice", { hasText: "rate=0" }).waitFor();
        assert.equal(await page.locator("#set-rate").inputValue(), "0");
        assert.equal(await visit.shop.number("SELECT SUM(done) FROM steered"), held, "a paused run does nothing");

        await page.getByRole("button", { name: "Resume" }).click();
        await page.locator(".notice").waitFor();
        await untilState(page, "succeeded");
        assert.equal(numberIn(await textOf(page, "succeeded")), 20000);
        assert.equal(await visit.shop.number("SELECT COUNT(*) FROM steered WHERE done = 1"), 20000);
    },

    "what one visitor sets is shown to another, whose page does not take it for a change of its own": async (visit) => {
        await visit.shop.countingJob("set_by_two", 50000, 500);
        const page = await visit.begin("set_by_two");
        const other = await visit.open(`/runs/${runOf(page)}`);
        const setOn = async (one, key, value) => {
            await one.getByText("Settings", { exact: true }).click();
            await one.getByLabel(key, { exact: true }).fill(value);
            await one.getByRole("button", { name: "Set", exact: true }).click();
            await one.locator(".notice", { hasText: `${key}=${value}` }).waitFor();
        };
        await setOn(page, "rate", "400");
        for (const name of ["rate", "shown-rate"]) {
            await other.waitForFunction((field) => document.querySelector(`[name="${field}"]`).value === "400", name);
        }
        await setOn(other, "batch", "40");
        assert.doesNotMatch(await other.locator(".notice").textContent(), /rate/);
        await cancel(page);
    },

    "a setting that won't do is refused with a sentence, and changes nothing": async (visit) => {
        await visit.shop.countingJob("stubborn", 50000, 500);
        const page = await visit.begin("stubborn");
        await page.getByText("Settings", { exact: true }).click();
        await page.getByLabel("rate", { exact: true }).fill("fast");
        await page.getByRole("button", { name: "Set", exact: true }).click();
        await page.locator(".notice.error", { hasText: "rate" }).waitFor();
        assert.equal(await page.locator("#set-rate").inputValue(), "500");
        await cancel(page);
    },

    "a run is cancelled from its page only when asked twice": async (visit) => {
        await visit.shop.countingJob("cancelled", 50000, 1000);
        const page = await visit.begin("cancelled");
        await untilPercent(page, 1);
        const sure = page.getByRole("button", { name: /for good/ });
        assert.ok(!(await sure.isVisible()));
        await cancel(page);
        await untilState(page, "cancelled");
        assert.ok((await visit.shop.number("SELECT SUM(done) FROM cancelled")) < 50000);
        for (const name of ["Pause", "Resume"]) assert.ok(!(await page.getByRole("button", { name }).isVisible()));
    },

    "a run that its server left behind is interrupted, and goes on with one click on the next one": async (visit) => {
        await visit.shop.countingJob("left_behind", 8000, 300);
        visit.server = await visit.shop.serve();
        const page = await visit.begin("left_behind");
        await untilPercent(page, 5);
        await visit.server.stop("SIGKILL");
        await page.locator("#connection", { hasText: "connection lost" }).waitFor();
        visit.server = await visit.shop.serve(new URL(visit.server.url).port);
        await untilState(page, "interrupted");
        await visit.shop.hurry(runOf(page));
        await page.getByRole("button", { name: "Resume" }).click();
        await untilState(page, "succeeded");
        assert.equal(await visit.shop.number("SELECT COUNT(*) FROM left_behind WHERE done = 1"), 8000);
        assert.ok(runOf(page) > 0);
        await visit.server.stop();
    },

    "the page can be worked with the keyboard alone": async (visit) => {
        await visit.shop.countingJob("typed", 50000, 500);
        const page = await visit.begin("typed");
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
        const reached = [];
        for (let step = 0; step < 40 && !reached.includes("Cancel…"); step += 1) {
            await page.keyboard.press("Tab");
            reached.push(await page.evaluate(() => document.activeElement.textContent.trim()));
        }
        for (const name of ["Pause", "Cancel…"]) assert.ok(reached.includes(name), `${name} is not among ${reached}`);
        await page.keyboard.press("Enter");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        await untilState(page, "cancelled");
    },
};

async function cancel(page) {
    await page.getByText("Cancel…").click();
    await page.getByRole("button", { name: /for good/ }).click();
    await page.locator(".notice").waitFor();
}
