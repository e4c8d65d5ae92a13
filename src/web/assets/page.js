"use strict";

// Keeps a page up with its run. What is shown was rendered by the server, as texts by the names of their places; here they are only put
// there: as text and as attributes, never as markup.
(() => {
    const allowed = new Set(["x", "width", "d", "data-state", "aria-label", "aria-valuenow", "aria-valuetext"]);
    const program = document.body.dataset.program;

    function put(element, text) {
        if (element.textContent !== text) element.textContent = text;
    }

    function fill(root, shown) {
        for (const element of root.querySelectorAll("[data-text]")) {
            const text = shown.texts[element.dataset.text];
            if (text !== undefined) put(element, text);
        }
        for (const element of root.querySelectorAll("[data-show]")) {
            const isShown = shown.shows[element.dataset.show];
            if (isShown !== undefined) element.toggleAttribute("hidden", !isShown);
        }
        for (const element of root.querySelectorAll("[data-attrs]")) {
            for (const [name, value] of Object.entries(shown.attributes[element.dataset.attrs] ?? {})) {
                if (allowed.has(name) && element.getAttribute(name) !== value) element.setAttribute(name, value);
            }
        }
    }

    // As many of `tag` in the parent as there are things, each given to `each` with its own.
    function children(parent, tag, things, each) {
        while (parent.children.length > things.length) parent.lastElementChild.remove();
        while (parent.children.length < things.length) parent.append(document.createElement(tag));
        let element = parent.firstElementChild;
        for (const thing of things) {
            each(element, thing);
            element = element.nextElementSibling;
        }
    }

    function fillTables(shown) {
        const log = document.getElementById("log");
        const wasAtEnd = log && log.scrollHeight - log.scrollTop - log.clientHeight < 24;
        for (const body of document.querySelectorAll("[data-rows]")) {
            const rows = shown.rows[body.dataset.rows];
            if (rows === undefined) continue;
            children(body, "tr", rows, (line, row) => {
                line.className = row.kind;
                children(line, "td", row.cells, put);
            });
        }
        if (wasAtEnd) log.scrollTop = log.scrollHeight;
    }

    function fillAll(shown) {
        fill(document, shown);
        fillTables(shown);
    }

    function set(element, name, value) {
        if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }

    function drawMap(cells) {
        const grouped = (count) => count.toLocaleString("en-US");
        const map = document.getElementById("map");
        map.className = "cells " + (cells.length <= 48 ? "large" : cells.length <= 400 ? "medium" : "small");
        children(map, "i", cells, (element, cell) => {
            let look = cell.state;
            if (cell.state === "running") look += " f" + Math.min(Math.max(Math.floor(cell.fraction * 10), 0), 9);
            if (cell.dead_letters > 0) look += " dead";
            let title = `up to ${cell.upto}: ${grouped(cell.settled)} rows settled`;
            if (cell.sacks > 1) title += `, ${grouped(cell.sacks)} sacks`;
            if (cell.dead_letters > 0) title += `, ${grouped(cell.dead_letters)} dead letter${cell.dead_letters === 1 ? "" : "s"}`;
            set(element, "class", look);
            set(element, "title", title);
        });
    }

    // A field that somebody has typed in is left alone.
    function fillSettings(settings) {
        for (const field of document.querySelectorAll("[data-setting]")) {
            const value = settings[field.dataset.setting];
            if (value === undefined || field === document.activeElement || field.value !== field.defaultValue) continue;
            field.defaultValue = value;
            field.value = value;
            field.form.elements[`shown-${field.dataset.setting}`].value = value;
        }
    }

    function fillRun(run) {
        fillAll(run.shown);
        drawMap(run.map);
        fillSettings(run.settings);
        const letters = document.getElementById("letters");
        const isAsRead = Number(letters.dataset.count) === run.dead_letters;
        document.getElementById("letters-changed").hidden = isAsRead;
        for (const none of letters.querySelectorAll("li.empty")) none.hidden = !isAsRead;
        document.title = `${run.shown.texts.title} · ${program}`;
    }

    async function read(address) {
        const answer = await fetch(address, { cache: "no-store", headers: { Accept: "application/json" } });
        // The session has ended: the page itself leads to the login.
        if (answer.status === 401) location.reload();
        if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
        return answer.json();
    }

    // Calls `step` again and again, `pause` milliseconds apart, longer where it takes long itself; not while nobody looks at the page.
    // Ends when `step` says so.
    function again(step, pause) {
        let timer = null;
        const turn = async () => {
            timer = null;
            const begin = performance.now();
            const isOver = await step().catch(() => false);
            if (!isOver && !document.hidden) timer = setTimeout(turn, Math.max(pause, 4 * (performance.now() - begin)));
            if (isOver) document.removeEventListener("visibilitychange", look);
        };
        const look = () => {
            if (!document.hidden && timer === null) turn();
        };
        document.addEventListener("visibilitychange", look);
        timer = setTimeout(turn, pause);
    }

    function followRun(id) {
        const connection = document.getElementById("connection");
        let isOver = false;
        let source = null;
        // The last thing told as it happened: what is asked for may be a second older.
        let latest = null;
        let looksAfterEnd = 0;

        function say(text, isLost) {
            connection.hidden = false;
            connection.classList.toggle("lost", isLost);
            put(connection, text);
        }

        function end() {
            isOver = true;
            source.close();
            say("ended", false);
        }

        async function refresh() {
            if (isOver) return true;
            const run = await read(`/api/runs/${id}`);
            const isLive = run.shown.shows.is_live;
            if (isLive && looksAfterEnd > 0) {
                // Still what was before the end; or somebody has it go on, and there is more to follow.
                looksAfterEnd += 1;
                if (looksAfterEnd > 5) location.reload();
                return false;
            }
            fillRun(run);
            if (!isLive) end();
            else if (latest !== null) fillAll(latest.shown);
            return isOver;
        }

        function listen() {
            source = new EventSource(`/runs/${id}/progress`);
            source.onopen = () => say("live", false);
            source.onerror = () => {
                if (isOver) return;
                say("connection lost, trying again", true);
                latest = null;
                // Most errors it gets over by itself; where a proxy has answered with an error it gives up.
                if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
            };
            source.addEventListener("progress", (event) => {
                latest = JSON.parse(event.data);
                fillAll(latest.shown);
            });
            source.addEventListener("end", () => {
                source.close();
                latest = null;
                looksAfterEnd = 1;
                refresh().catch(() => say("connection lost, trying again", true));
            });
        }

        document.querySelector("#letters-changed button").addEventListener("click", () => location.reload());
        listen();
        again(refresh, 1000);
    }

    function groupOf(state) {
        return [...document.querySelectorAll("[data-states]")].find((group) => group.dataset.states.split(" ").includes(state));
    }

    function newRow(run) {
        const row = document.getElementById("run-row").content.firstElementChild.cloneNode(true);
        row.dataset.run = run.run;
        row.querySelector("a").href = `/runs/${run.run}`;
        return row;
    }

    // Newest first, as the server lists them.
    function insert(body, row) {
        if (row.parentElement === body) return;
        const older = [...body.children].find((other) => Number(other.dataset.run) < Number(row.dataset.run));
        body.insertBefore(row, older ?? null);
    }

    function fillIndex(runs) {
        for (const run of runs) {
            const row = document.querySelector(`tr[data-run="${run.run}"]`) ?? newRow(run);
            fill(row, run.shown);
            const group = groupOf(run.state);
            if (group) insert(group.querySelector("tbody"), row);
        }
        const kept = new Set(runs.map((run) => String(run.run)));
        for (const group of document.querySelectorAll("[data-states]")) {
            for (const row of group.querySelectorAll("tr[data-run]")) {
                if (!kept.has(row.dataset.run)) row.remove();
            }
            const count = group.querySelectorAll("tr[data-run]").length;
            const empty = group.querySelector(".empty");
            put(group.querySelector("[data-count]"), String(count));
            empty.hidden = count > 0;
            empty.nextElementSibling.hidden = count === 0;
            group.hidden = count === 0 && empty.textContent === "";
        }
        document.getElementById("no-runs").hidden = runs.length > 0;
        document.getElementById("groups").hidden = runs.length === 0;
    }

    function followIndex() {
        again(async () => {
            fillIndex((await read("/api/runs")).runs);
            return false;
        }, 2000);
    }

    const log = document.getElementById("log");
    if (log) log.scrollTop = log.scrollHeight;
    const { page, run } = document.body.dataset;
    if (page === "run") followRun(run);
    if (page === "index") followIndex();
})();
