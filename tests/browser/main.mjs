// Runs the cases one after the other and says what became of each; the last line counts them. Exit code 1: one has failed.

import { chromium } from "playwright-core";
import { Shop } from "./shop.mjs";
import { Visit } from "./visit.mjs";
import { forms } from "./cases/forms.mjs";
import { letters } from "./cases/letters.mjs";
import { looks } from "./cases/looks.mjs";
import { steering } from "./cases/steering.mjs";
import { watching } from "./cases/watching.mjs";

const [program, pictures, ...wanted] = process.argv.slice(2);
const longest = 240_000;

// "not:PART": all but those whose sentence has it in it.
const isWanted = (name) =>
    wanted.length === 0 || wanted.some((part) => (part.startsWith("not:") ? !name.includes(part.slice(4)) : name.includes(part)));
const cases = Object.entries({ ...watching, ...steering, ...letters, ...forms, ...looks }).filter(([name]) => isWanted(name));

const shop = await Shop.open(program);
const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // In a container of its own there are no namespaces to build its sandbox from; it sees no page but ours.
    args: ["--no-sandbox", "--disable-gpu"],
});
const server = await shop.serve();
let passed = 0;
let failed = 0;
for (const [name, check] of cases) {
    const visit = new Visit({ shop, browser, server, pictures });
    const begin = performance.now();
    let timer;
    const tooLong = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`took more than ${longest / 1000} s`)), longest);
    });
    try {
        await Promise.race([check(visit), tooLong]);
        visit.checkComplaints();
        passed += 1;
        console.log(`[browser] passed: ${name} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
    } catch (error) {
        failed += 1;
        console.log(`[browser] FAILED: ${name}\n${error.stack}\n${await visit.describe()}`);
    } finally {
        clearTimeout(timer);
        await visit.close();
    }
}
await browser.close();
await shop.close();
console.log(`[browser] test cases: ${passed + failed} | ${passed} passed | ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
