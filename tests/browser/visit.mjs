// One case's visit: its windows, and what they complain of.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

export class Visit {
    constructor(given) {
        Object.assign(this, given);
        this.contexts = [];
        this.pages = [];
        this.complaints = [];
    }

    get url() {
        return this.server.url;
    }

    /// A page in a window of its own. What it has no right to (an error, a dialog, a script that the policy stops, another host) is
    /// noted; what a server that is gone brings about is not.
    async open(path, options = {}) {
        const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
        this.contexts.push(context);
        const page = await context.newPage();
        this.pages.push(page);
        page.setDefaultTimeout(60_000);
        page.on("pageerror", (error) => this.complaints.push(`error on the page: ${error.message}`));
        page.on("dialog", (dialog) => {
            this.complaints.push(`a dialog: ${dialog.message()}`);
            dialog.dismiss();
        });
        page.on("console", (message) => {
            if (/Content Security Policy|violates/.test(message.text())) this.complaints.push(message.text());
        });
        page.on("request", (request) => {
            if (!request.url().startsWith("http://127.0.0.1:")) this.complaints.push(`asked for ${request.url()}`);
        });
        await page.goto(this.url + path);
        return page;
    }

    checkComplaints() {
        assert.deepEqual(this.complaints, []);
    }

    /// What the windows show, for who reads of a failure.
    async describe() {
        const texts = await Promise.all(
            this.pages.map(async (page) => {
                try {
                    return `${page.url()}:\n${(await page.locator("main").innerText({ timeout: 1000 })).slice(0, 1500)}`;
                } catch {
                    return page.url();
                }
            }),
        );
        return [...texts, ...this.complaints].join("\n");
    }

    async close() {
        await Promise.all(this.contexts.map((context) => context.close()));
    }

    /// Starts a job from its form, and returns the run's page.
    async begin(job, fill = async () => {}, options = {}) {
        const page = await this.open(`/jobs/${job}`, options);
        await fill(page);
        await page.getByRole("button", { name: "Start" }).click();
        await page.waitForURL(/\/runs\/\d+$/);
        return page;
    }

    /// Pictures of the page, light and dark, wide and narrow; and nothing that axe finds serious in any of them.
    async inspect(page, name) {
        const problems = [];
        for (const colorScheme of ["light", "dark"]) {
            for (const [size, width] of [["wide", 1280], ["narrow", 390]]) {
                await page.emulateMedia({ colorScheme });
                await page.setViewportSize({ width, height: 900 });
                const widest = await page.evaluate(() => document.documentElement.scrollWidth);
                if (widest > width) problems.push(`${name}, ${size}: is ${widest} wide`);
                await page.evaluate(axe);
                const found = await page.evaluate(() => globalThis.axe.run());
                for (const { id, impact, nodes } of found.violations) {
                    if (impact === "serious" || impact === "critical")
                        problems.push(`${name}, ${colorScheme}, ${size}: ${id}: ${nodes.map((node) => node.target).join(" ")}`);
                }
                await page.screenshot({ path: join(this.pictures, `${name}-${colorScheme}-${size}.png`), fullPage: true });
            }
        }
        assert.deepEqual(problems, []);
    }
}

/// The text of a place that the script keeps up.
export const textOf = (page, name) => page.locator(`main [data-text="${name}"]`).first().textContent();

export const percentOf = async (page) => Number(await page.locator("main svg.tall").getAttribute("aria-valuenow"));

/// Waits until the run's page shows this state, without loading it anew.
export const untilState = (page, state) => page.locator(`.heading .state[data-state="${state}"]`).waitFor();

/// Waits until the bar has got so far.
export const untilPercent = (page, least) =>
    page.waitForFunction((wanted) => Number(document.querySelector("main svg.tall").getAttribute("aria-valuenow")) >= wanted, least);

export const runOf = (page) => Number(page.url().match(/\/runs\/(\d+)/)[1]);

/// "1,234" -> 1234
export const numberIn = (text) => Number(text.replaceAll(",", ""));
