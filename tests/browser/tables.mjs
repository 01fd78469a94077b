// Tables: what they say is held against their order.  Values are read from what
// a person sees, not from what the app has sorted by.
import { cases, check, equal, tabTo, until } from "./lib.mjs";

/** Rows of the table around, as they stand: a list of cells each. */
function readRows(root) {
    const unit = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
    const spans = { d: 86400, h: 3600, min: 60, s: 1 };
    function number(text) {
        const lasting = [...text.matchAll(/([\d.,]+) (d|h|min|s)\b/g)];
        if (lasting.length > 0)
            return lasting.reduce((sum, [, n, of]) =>
                sum + Number(n) * spans[of], 0);
        const [, digits, of] = text.match(/^([\d.,]+)(?: (\w+))?/) ?? [];
        return digits === undefined ? -Infinity
            : Number(digits.replaceAll(",", "")) * (unit[of] ?? 1);
    }
    /** Without what is said beside it, unless there is nothing else. */
    function words(cell) {
        const copy = cell.cloneNode(true);
        copy.querySelectorAll(".hint").forEach((one) => one.remove());
        return copy.textContent.replace(/[\s\u00a0]+/g, " ").trim();
    }
    function read(cell) {
        const at = cell.querySelector("time")?.dateTime;
        const meter = cell.querySelector("progress");
        return {
            text: words(cell), whole: cell.textContent.trim(),
            at: at === undefined ? null : Date.parse(at),
            share: meter === null ? null : meter.value,
            number: cell.classList.contains("number")
                ? number(words(cell)) : null,
        };
    }
    const rows = [...root.querySelectorAll(
        "tbody tr, .bigtable-body > [role=row]")];
    const place = (row) => Number(row.getAttribute("aria-rowindex") ?? 0);
    return rows.sort((a, b) => place(a) - place(b)).map((row) =>
        [...row.querySelectorAll("td, [role=gridcell]:not(.box)")].map(read));
}

/** As people put texts in order: 9 before 10, and small letters as large. */
function compareTexts(a, b) {
    const parts = (text) => text.toLowerCase().match(/\d+|\D+/g) ?? [];
    const [x, y] = [parts(a), parts(b)];
    for (let i = 0; i < Math.min(x.length, y.length); i++) {
        if (x[i] === y[i]) continue;
        const [n, m] = [Number(x[i]), Number(y[i])];
        if (!Number.isNaN(n) && !Number.isNaN(m) && n !== m) return n - m;
        return x[i] < y[i] ? -1 : 1;
    }
    return x.length - y.length;
}

/** "in 2 d 5 h", "3 min ago". */
function seconds(text) {
    const spans = { d: 86400, h: 3600, min: 60, s: 1 };
    const lasting = [...text.matchAll(/(\d+) (d|h|min|s)\b/g)].reduce(
        (sum, [, n, of]) => sum + Number(n) * spans[of], 0);
    return text === "" ? -Infinity : text.endsWith("ago") ? -lasting : lasting;
}

/** Columns that are in another order than that of what they show first. */
function otherwise(states) {
    return {
        "requests: State": (cell) => states.indexOf(cell.text),
        "requests: Start": (cell) =>
            cell.text === "" ? -Infinity : Date.parse(cell.text),
        "requests: Waits for": (cell) => [
            cell.text.startsWith("overdue") ? 0 : 1, cell.at ?? 0],
        "migration: Done, likely": (cell) => seconds(cell.text),
        "migration: Pass": (cell) =>
            cell.text.split(": ").reverse().join(" "),
        // what is the default is told by a hint
        "settings/configuration: From": (cell) => cell.text || "default",
    };
}

/** What a column's cells are worth; nothing comes before everything. */
function worth(cells, rule) {
    if (rule) return cells.map(rule);
    for (const kind of ["at", "share", "number"])
        if (cells.some((cell) => cell[kind] !== null))
            return cells.map((cell) => cell[kind] ?? -Infinity);
    return cells.map((cell) => cell.text);
}

function compare(a, b) {
    if (Array.isArray(a))
        return a.reduce((way, one, i) => way || compare(one, b[i]), 0);
    return typeof a === "string" ? compareTexts(a, b)
        : a === b ? 0 : a - b;
}

function inOrder(values, down, what) {
    for (let i = 1; i < values.length; i++) {
        const way = compare(values[i - 1], values[i]);
        check(down ? way >= 0 : way <= 0, `${what}, ${down ? "the last" :
            "the first"} first: ${JSON.stringify(values)}`);
    }
}

/** Which rows: all that they say. */
const keysOf = (rows) => rows.map((cells) => JSON.stringify(cells.map((c) =>
    [c.text, c.at, c.share, c.number])));

class Shown {
    constructor(browser, page, stop, states) {
        Object.assign(this, { browser, page, stop });
        this.rules = otherwise(states);
        const name = { name: stop.caption, exact: true };
        this.part = page.getByRole("region", name)
            .and(page.locator(".scroll"))
            .or(page.getByRole("grid", name)).first();
        this.root = page.locator(".table, .bigtable")
            .filter({ has: this.part }).first();
        this.heads = this.part.locator("th, [role=columnheader]:not(.box)");
    }

    async ready() {
        const items = this.page.getByRole("button", { name: "Show the items" });
        await this.part.or(items).first().waitFor();
        if (await items.count() > 0) await items.first().click();
        await this.part.getByRole("row").nth(1).waitFor();
    }

    rows() {
        return this.root.evaluate(readRows);
    }

    async again() {
        await this.page.goto(await this.page.evaluate(() => location.href));
        await this.ready();
    }

    /** By Enter on the head of the column at that place. */
    async sorted(at, way) {
        await tabTo(this.page, this.heads.nth(at).getByRole("button"));
        await this.page.keyboard.press("Enter");
        await until(`it says ${way}`, async () =>
            await this.heads.nth(at).getAttribute("aria-sort") === way);
    }

    /** One column up and down; whether it tells any two rows apart. */
    async column(at, title) {
        const { caption } = this.stop;
        const before = keysOf(await this.rows()).sort();
        const urls = new Set();
        const was = await this.heads.nth(at).getAttribute("aria-sort");
        let values;
        for (const way of was === "ascending" ? ["descending", "ascending"]
            : ["ascending", "descending"]) {
            await this.sorted(at, way);
            urls.add(await this.page.evaluate(() => location.search));
            const rows = await this.rows();
            equal(keysOf(rows).sort(), before, `${caption}, rows by ${title}`);
            values = worth(rows.map((cells) => cells[at]),
                this.rules[`${this.stop.page}: ${title}`]);
            inOrder(values, way === "descending", `${caption} by ${title}`);
        }
        equal(urls.size, 2, `URLs of ${caption} by ${title}`);
        return values.some((one) => compare(one, values[0]) !== 0);
    }

    /** The URL says it all: whoever opens it sees the same. */
    async kept() {
        const heads = () => this.heads.evaluateAll((all) =>
            all.map((head) => head.ariaSort));
        const said = await heads();
        const order = keysOf(await this.rows());
        await this.again();
        equal(await heads(), said, `${this.stop.caption}, read anew`);
        equal(keysOf(await this.rows()), order,
            `${this.stop.caption}, read anew`);
    }

    /** By a word of its last row. */
    async filtered() {
        const box = this.root.getByRole("searchbox");
        const all = await this.rows();
        if (await box.count() === 0) {
            check(all.length <= 8, `${this.stop.caption} has no filter`);
            return;
        }
        const word = all.at(-1).find((c) => c.text !== "" && c.at === null &&
            c.share === null && c.number === null).text.slice(0, 12);
        await tabTo(this.page, box);
        await this.page.keyboard.type(word);
        const has = (cells) => cells.some((c) =>
            c.whole.toLowerCase().includes(word.toLowerCase()));
        const all_told = all.filter(has).length;
        await until("it is filtered", async () =>
            new URL(this.page.url()).search.includes("find="));
        const shown = await this.rows();
        check(shown.length >= 1 && shown.length >= all_told &&
            keysOf(shown).includes(keysOf([all.at(-1)])[0]),
            `${this.stop.caption}: ${shown.length} rows have ${word}`);
        equal(keysOf(shown), keysOf(all).filter((key) =>
            keysOf(shown).includes(key)), "in the order that they had");
        await this.again();
        equal(await box.inputValue(), word, `${this.stop.caption}, the word`);
        equal(keysOf(await this.rows()), keysOf(shown),
            `${this.stop.caption} with ${word}, read anew`);
    }
}

cases({
    async each(browser, facts) {
        const found = [];
        browser.holdTime();
        for (const stop of facts.stops) {
            browser.step(`${stop.page}: ${stop.caption}`);
            const page = await browser.open(stop.path);
            const table = new Shown(browser, page, stop, facts.states);
            await table.ready();
            const titles = await table.heads.evaluateAll((heads) => heads.map(
                (head) => head.querySelector("button") === null ? null
                    : head.textContent.replace(/ [↑↓]$/, "")));
            const rows = (await table.rows()).length;
            check(rows >= 2, `${stop.caption}: ${rows} rows`);
            const alike = [];
            const sortable = titles.flatMap((title, at) =>
                title === null ? [] : [[title, at]]);
            for (const [title, at] of sortable)
                if (!await table.column(at, title)) alike.push(title);
            await table.kept();
            await table.filtered();
            found.push({ ...stop, rows, alike, columns: sortable.length });
            await page.close();
        }
        return found;
    },
});
