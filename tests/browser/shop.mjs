// A private MariaDB with tables to work through, a folder of job files, and the program: everything a case needs, and gone with it.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const sandbox = join(dirname(fileURLToPath(import.meta.url)), "../../scripts/sandbox");

/// A program that was started. `stderr` grows as it writes.
class Started {
    constructor(child) {
        this.child = child;
        this.stderr = "";
        this.listeners = [];
        child.stderr.setEncoding("utf8");
        child.stderr.on("data", (text) => {
            this.stderr += text;
            for (const listener of this.listeners) listener();
        });
        this.ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
    }

    /// What the pattern finds in stderr, as soon as it is there.
    said(pattern) {
        return new Promise((resolve, reject) => {
            const look = () => {
                const found = this.stderr.match(pattern);
                if (found) resolve(found);
            };
            this.listeners.push(look);
            this.ended.then((code) => reject(new Error(`it ended with ${code} and did not say ${pattern}: ${this.stderr}`)));
            look();
        });
    }

    async stop(signal = "SIGTERM") {
        this.child.kill(signal);
        return this.ended;
    }
}

export class Shop {
    static async open(program) {
        const shop = new Shop();
        shop.program = program;
        shop.folder = await mkdtemp(join(tmpdir(), "rowmill-browser-"));
        shop.jobs = join(shop.folder, "jobs");
        await mkdir(shop.jobs);
        const { stdout } = await run(sandbox, ["start", shop.folder], {
            env: { ...process.env, ROWMILL_SANDBOX_OWNER: String(process.pid) },
        });
        await shop.sql("CREATE DATABASE shop CHARACTER SET utf8mb4", "mysql");
        shop.dsn = stdout.trim().replace("/?", "/shop?");
        shop.started = [];
        return shop;
    }

    /// The rows that the statements give, each an array of texts.
    async sql(statements, database = "shop") {
        const options = ["--no-defaults", "--default-character-set=utf8mb4", "-u", "root", "-S", join(this.folder, "mysqld.sock")];
        const { stdout } = await run("mariadb", [...options, "-N", "-B", database, "-e", statements]);
        return stdout.trimEnd().split("\n").map((line) => line.split("\t"));
    }

    async number(query) {
        return Number((await this.sql(query))[0][0]);
    }

    /// A table with ids from 1, and `done` to be counted up.
    async table(name, rows) {
        await this.sql(`CREATE TABLE ${name} (id INT UNSIGNED PRIMARY KEY, done INT UNSIGNED NOT NULL DEFAULT 0);
                        INSERT INTO ${name} (id) SELECT seq FROM seq_1_to_${rows}`);
    }

    async job(name, toml) {
        await writeFile(join(this.jobs, `${name}.toml`), `[job]\nname = "${name}"\n${toml}`);
    }

    /// A table, and a job that counts `done` of its rows up, so many a second (0: as fast as it can).
    async countingJob(name, rows, rate, more = "") {
        await this.table(name, rows);
        await this.job(name, `description = "Counts the rows of ${name}"
[source]
table = "${name}"
[action]
kind = "sql"
statement = "UPDATE ${name} SET done = done + 1 WHERE :batch"
[run]
workers = 2
batch = 50
rate = ${rate}
${more}`);
    }

    start(...words) {
        const child = spawn(this.program, words, {
            env: { ...process.env, HOME: this.folder, ROWMILL_DSN: this.dsn },
            stdio: ["ignore", "ignore", "pipe"],
        });
        const started = new Started(child);
        this.started.push(started);
        return started;
    }

    /// Lets a run that is held back, so that something can be seen and done meanwhile, go as fast as it can.
    async hurry(number) {
        await this.start("set", String(number), "rate=0").ended;
    }

    /// `rowmill serve`, when it listens: at `port`, or any that is free.
    async serve(port = 0, ...flags) {
        const served = this.start("serve", "--listen", `127.0.0.1:${port}`, "--jobs", this.jobs, ...flags);
        served.url = (await served.said(/(http:\/\/127\.0\.0\.1:\d+)/))[1];
        return served;
    }

    async close() {
        await Promise.all(this.started.map((one) => one.stop("SIGKILL")));
        await run(sandbox, ["stop", this.folder]);
        await rm(this.folder, { recursive: true, force: true });
    }
}
