import assert from "node:assert/strict";
import { numberIn, percentOf, runOf, textOf, untilPercent, untilState } from "../visit.mjs";

/// Marks the page, so that one that was loaded anew is known.
const mark = (page) => page.evaluate(() => (globalThis.isTheSamePage = true));
const isTheSame = (page) => page.evaluate(() => globalThis.isTheSamePage === true);

export const watching = {
    "a run started from its form is watched live to its end, and its figures are the database's": async (visit) => {
        await visit.shop.countingJob("watched", 6000, 300);
        const index = await visit.open("/");
        await index.getByRole("link", { name: "watched" }).click();
        await index.getByRole("button", { name: "Start" }).click();
        await index.waitForURL(/\/runs\/\d+$/);
        await mark(index);
        await untilPercent(index, 1);
        const early = await percentOf(index);
        await untilPercent(index, early + 20);
        assert.ok(numberIn(await textOf(index, "succeeded")) > 0);
        await index.locator("#connection", { hasText: "live" }).waitFor();
        await visit.shop.hurry(runOf(index));
        await untilState(index, "succeeded");
        await index.locator("#connection", { hasText: "ended" }).waitFor();
        assert.ok(await isTheSame(index), "the page was loaded anew");
        assert.equal(await textOf(index, "percent"), "100%");
        assert.equal(numberIn(await textOf(index, "succeeded")), 6000);
        assert.equal(await visit.shop.number("SELECT COUNT(*) FROM watched WHERE done = 1"), 6000);
        assert.equal(await index.locator("#map i").count(), await index.locator("#map i.done").count());
        assert.match(await index.title(), /^100% · watched · run \d+ · rowmill$/);
    },

    "a run that has ended keeps its page": async (visit) => {
        await visit.shop.countingJob("kept", 200, 0);
        const page = await visit.begin("kept");
        await untilState(page, "succeeded");
        const later = await visit.open(`/runs/${runOf(page)}`);
        await untilState(later, "succeeded");
        assert.equal(await textOf(later, "succeeded"), "200");
        assert.ok(!(await later.getByRole("button", { name: "Pause" }).isVisible()));
        const index = await visit.open("/");
        await index.locator("#done").getByRole("link", { name: "kept" }).waitFor();
    },

    "two pages follow one run, one of them opened in the middle, and end with the same figures": async (visit) => {
        await visit.shop.countingJob("shared", 6000, 600);
        const first = await visit.begin("shared");
        await untilPercent(first, 20);
        const second = await visit.open(`/runs/${runOf(first)}`);
        assert.ok((await percentOf(second)) >= 20, "a late page shows the present state at once");
        await mark(second);
        await visit.shop.hurry(runOf(first));
        await Promise.all([untilState(first, "succeeded"), untilState(second, "succeeded")]);
        assert.ok(await isTheSame(second));
        for (const name of ["succeeded", "percent", "settled", "sacks"]) assert.equal(await textOf(first, name), await textOf(second, name));
    },

    "a run that another process works on shows up in the list and is followed to its end": async (visit) => {
        await visit.shop.countingJob("elsewhere", 24000, 1000);
        const index = await visit.open("/");
        await mark(index);
        const process = visit.shop.start("run", `${visit.shop.jobs}/elsewhere.toml`);
        const row = index.locator("#working tr", { hasText: "elsewhere" });
        await row.waitFor();
        await row.locator("[data-text=settled]", { hasText: /[1-9]/ }).waitFor();
        const address = await row.locator("a").getAttribute("href");
        const page = await visit.open(address);
        await mark(page);
        await page.locator("[data-rows=workers] tr", { hasText: String(process.child.pid) }).waitFor();
        await visit.shop.hurry(runOf(page));
        await untilState(page, "succeeded");
        assert.equal(await process.ended, 0);
        assert.ok(await isTheSame(page));
        assert.equal(numberIn(await textOf(page, "succeeded")), 24000);
        await index.locator("#done tr", { hasText: "elsewhere" }).waitFor();
        assert.ok(await isTheSame(index));
    },

    "a page goes on by itself when the server was restarted": async (visit) => {
        await visit.shop.countingJob("outlives", 8000, 200);
        const server = await visit.shop.serve();
        const process = visit.shop.start("run", `${visit.shop.jobs}/outlives.toml`);
        visit.server = server;
        const index = await visit.open("/");
        await index.locator("#working a", { hasText: "outlives" }).click();
        await untilPercent(index, 1);
        await mark(index);
        const before = await percentOf(index);
        await server.stop();
        await index.locator("#connection", { hasText: "connection lost" }).waitFor();
        const again = await visit.shop.serve(new URL(server.url).port);
        assert.equal(again.url, server.url);
        await index.locator("#connection", { hasText: "live" }).waitFor();
        await untilPercent(index, before + 1);
        await visit.shop.hurry(runOf(index));
        await untilState(index, "succeeded");
        assert.ok(await isTheSame(index));
        assert.equal(numberIn(await textOf(index, "succeeded")), 8000);
        assert.equal(await process.ended, 0);
        await again.stop();
    },

    "a run of 2,000 sacks has a cell for each, which is drawn in no time": async (visit) => {
        await visit.shop.countingJob("many_sacks", 20000, 1500, "sack_rows = 10\n");
        const page = await visit.begin("many_sacks");
        await page.locator("#map i.done").first().waitFor();
        await page.evaluate(() => {
            globalThis.longTasks = [];
            new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((one) => one.duration))).observe({
                type: "longtask",
            });
        });
        await untilPercent(page, 30);
        const tasks = await page.evaluate(() => globalThis.longTasks);
        assert.ok(Math.max(0, ...tasks) < 1000, `the page was busy for ${tasks} ms`);
        await page.getByRole("button", { name: "Pause" }).click();
        await untilState(page, "paused");
        await visit.inspect(page, "range-map");
        await visit.shop.hurry(runOf(page));
        await page.getByRole("button", { name: "Resume" }).click();
        await untilState(page, "succeeded");
        // The end is told at once; the last map is fetched then.
        await page.locator("#map i.done").nth(1999).waitFor({ state: "attached" });
        const cells = await page.locator("#map i").count();
        assert.ok(cells === 2000, `${cells} cells`);
        assert.equal(await page.locator("#map i.done").count(), cells);
        const begin = performance.now();
        const answer = await fetch(`${visit.url}/api/runs/${runOf(page)}`);
        const size = (await answer.text()).length;
        assert.ok(performance.now() - begin < 2000 && size < 500_000, `${size} bytes in ${performance.now() - begin} ms`);
    },
};
