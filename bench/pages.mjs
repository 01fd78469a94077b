// What bench/pages.py measures of the app, each from a browser that has nothing.
import { cases, check, equal, until } from "../tests/browser/lib.mjs";

const STEP_PX = 600;
const FRAME_MS = 1000 / 60;
const MIB = 1 << 20;
const AT_WORK = 8;

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

/** Bytes in JavaScript's heap that something still leads to. */
async function heap(page) {
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    await session.detach();
    return usedSize;
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

/** Seconds from..to of an hour, one a frame. */
function live([from, to, atWork]) {
    return new Promise((tell) => {
        let second = from;
        const say = (type, data) => globalThis.appsStream.dispatchEvent(
            new MessageEvent(type, { data: JSON.stringify(data) }));
        const frame = () => {
            for (let k = 0; k < atWork; k++) {
                // each mailbox takes ten minutes
                const turn = Math.floor((second + 75 * k) / 600);
                const mailbox = 1 + k + atWork * turn;
                const into = (second + 75 * k) % 600;
                const who = { migration: 1, mailbox };
                if (into === 0) say("mailbox", { ...who, state: "copying" });
                for (const half of [0, 1])
                    say("progress", { ...who, lease: mailbox,
                        copied: 2 * into + half, bytes: 5e5 * (2 * into + half) });
                if (into === 599) say("mailbox", { ...who, state: "synced" });
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
        const page = await browser.open("/app/migrations/1",
            { before: (one) => one.addInitScript(holdStream) });
        const grid = await whole(page, facts.rows);
        const warm = Math.floor(facts.hour / 4);
        await page.evaluate(live, [0, warm, AT_WORK]);
        await grid.getByText("copying").first().waitFor();
        const before = await heap(page);
        await page.evaluate(live, [warm, facts.hour, AT_WORK]);
        const after = await heap(page);
        equal(await grid.getAttribute("aria-rowcount"), String(facts.rows + 1),
            "rows");
        return { mib: (after - before) / MIB };
    },
});
