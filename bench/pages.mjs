// What bench/pages.py measures of the app, each from a browser that has nothing.
import { cases, check, equal, until } from "../tests/browser/lib.mjs";

const STEP_PX = 600;
const FRAME_MS = 1000 / 60;
const MIB = 1 << 20;
const AT_WORK = 8;
// Mailboxes take so long each: after it the page is as it was before.
const TURN_SECONDS = 600;
// More than two of the app's periods in which it gathers events.
const CALM_MS = 3000;
const SAME_BYTES = 4096;

const percentile = (values, of) =>
    [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * of)];

/** When, in ms from its navigation, a page first had content and no bars. */
function watchStart() {
    const there = () => document.querySelector("main .page") &&
        !document.querySelector("main .bars");
    const look = () => {
        if (!there()) return requestAnimationFrame(look);
        // painted with this frame: the next one is after that
        requestAnimationFrame(() => (globalThis.startMs = performance.now()));
    };
    requestAnimationFrame(look);
}

async function whole(page, rows) {
    const grid = page.getByRole("grid", { name: "mailboxes" });
    await until("all rows", async () =>
        await grid.getAttribute("aria-rowcount") === String(rows + 1));
    return grid;
}

/** Milliseconds between frames while it scrolls to the end. */
function scroll(step) {
    return new Promise((tell) => {
        const box = document.querySelector("[role=grid]");
        const frames = [];
        let nodes = 0, last;
        const frame = (now) => {
            if (last !== undefined) frames.push(now - last);
            last = now;
            nodes = Math.max(nodes, box.querySelectorAll("*").length);
            const before = box.scrollTop;
            box.scrollTop += step;
            if (box.scrollTop > before) requestAnimationFrame(frame);
            else tell({ frames, nodes });
        };
        requestAnimationFrame(frame);
    });
}

/** What it has asked and has no answer to; the stream has none by nature. */
function unanswered(page) {
    const asked = new Set();
    page.on("request", (request) => {
        if (!request.url().endsWith("/api/v1/events")) asked.add(request);
    });
    for (const end of ["requestfinished", "requestfailed"])
        page.on(end, (request) => asked.delete(request));
    return asked;
}

/** Nothing is heard, asked or drawn any more, and has not been for CALM_MS. */
async function calm(page, asked) {
    await page.evaluate(() => {
        const note = () => (globalThis.drawnMs = performance.now());
        if (globalThis.drawnMs === undefined)
            new MutationObserver(note).observe(document.body, { subtree: true,
                childList: true, attributes: true, characterData: true });
        note();
    });
    await until("nothing is drawn", async () => asked.size === 0 &&
        await page.evaluate(() => performance.now() - globalThis.drawnMs)
            > CALM_MS && asked.size === 0);
}

/**
 * Bytes in JavaScript's heap that something leads to, of a page at rest: as
 * often collected as it takes for two readings to be the same.
 */
async function heap(page, asked) {
    await calm(page, asked);
    const session = await page.context().newCDPSession(page);
    let last, now;
    await until("the heap is at rest", async () => {
        last = now;
        await session.send("HeapProfiler.collectGarbage");
        now = (await session.send("Runtime.getHeapUsage")).usedSize;
        return Math.abs(now - last) < SAME_BYTES;
    });
    await session.detach();
    return now;
}

/** How much y rises with x, by least squares. */
function slope(points) {
    const mean = (of) => points.reduce((n, p) => n + of(p), 0) / points.length;
    const [x, y] = [mean((p) => p.x), mean((p) => p.y)];
    return mean((p) => (p.x - x) * (p.y - y)) / mean((p) => (p.x - x) ** 2);
}

/** The app's own stream can be told events by hand. */
function holdStream() {
    const Real = globalThis.EventSource;
    globalThis.EventSource = class extends Real {
        constructor(...how) {
            super(...how);
            globalThis.appsStream = this;
        }
    };
}

/** Seconds from..to, one a frame. */
function live([from, to, atWork, turnSeconds]) {
    return new Promise((tell) => {
        let second = from;
        const say = (type, data) => globalThis.appsStream.dispatchEvent(
            new MessageEvent(type, { data: JSON.stringify(data) }));
        const frame = () => {
            for (let k = 0; k < atWork; k++) {
                const at = second + Math.floor(k * turnSeconds / atWork);
                const mailbox = 1 + k + atWork * Math.floor(at / turnSeconds);
                const into = at % turnSeconds;
                const who = { migration: 1, mailbox };
                if (into === 0) say("mailbox", { ...who, state: "copying" });
                for (const half of [0, 1])
                    say("progress", { ...who, lease: mailbox,
                        copied: 2 * into + half, bytes: 5e5 * (2 * into + half) });
                if (into === turnSeconds - 1)
                    say("mailbox", { ...who, state: "synced" });
            }
            if (++second < to) requestAnimationFrame(frame);
            else tell();
        };
        requestAnimationFrame(frame);
    });
}

cases({
    async start(browser) {
        let bytes = 0;
        const page = await browser.open("/app", { before: async (one) => {
            await one.addInitScript(watchStart);
            const session = await one.context().newCDPSession(one);
            await session.send("Network.enable");
            session.on("Network.loadingFinished", (answer) =>
                (bytes += answer.encodedDataLength));
        } });
        await until("it is there", () =>
            page.evaluate(() => globalThis.startMs !== undefined));
        return { kb: bytes / 1000,
            ms: await page.evaluate(() => globalThis.startMs) };
    },

    async table(browser, facts) {
        const began = performance.now();
        const page = await browser.open("/app/migrations/1");
        await whole(page, facts.rows);
        const ready = performance.now() - began;
        const { frames, nodes } = await page.evaluate(scroll, STEP_PX);
        check(frames.length > 10, `only ${frames.length} frames`);
        const late = frames.filter((ms) => ms > 1.5 * FRAME_MS).length;
        return { ready, nodes, p50: percentile(frames, 0.5),
            p99: percentile(frames, 0.99), late: 100 * late / frames.length };
    },

    async hour(browser, facts) {
        let asked;
        const page = await browser.open("/app/migrations/1", { before: (one) => {
            asked = unanswered(one);
            return one.addInitScript(holdStream);
        } });
        const grid = await whole(page, facts.rows);
        const points = [];
        check(facts.hour >= TURN_SECONDS, "less than a mailbox takes");
        for (let at = 0; at <= facts.hour; at += TURN_SECONDS) {
            // the first turn is no part of it: what is made once is made then
            await page.evaluate(live,
                [at, at + TURN_SECONDS, AT_WORK, TURN_SECONDS]);
            points.push({ x: at / facts.hour, y: await heap(page, asked) / MIB });
        }
        equal(await grid.getAttribute("aria-rowcount"), String(facts.rows + 1),
            "rows");
        check(await grid.getByText("synced").count() >= AT_WORK, "not drawn");
        return { mib: slope(points), held: points.at(-1).y };
    },
});
