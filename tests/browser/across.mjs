// What holds for every page: its policy, its weight, who sees what, and that
// it says how old it is.
import { cases, check, equal, until } from "./lib.mjs";

const MIB = 1 << 20;
/** Whatever would have to be allowed by the policy, were it there. */
const INLINE = "script:not([src]), style, [onclick], [onload], [onerror]," +
    " [href^='javascript:']";

async function shown(page) {
    await page.locator("main h1").waitFor();
    await until("everything is there that is being read", async () =>
        (await page.locator("main .bars").count()) === 0);
}

/** Bytes in JavaScript's heap that something still leads to. */
async function heap(page) {
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    await session.detach();
    return usedSize;
}

/** Ask the API as the page would; the status. */
function ask(page, method, path, body) {
    return page.evaluate(async ([method, path, body]) => (await fetch(
        `/api/v1${path}`, {
            method, body: body && JSON.stringify(body),
            headers: body ? { "Content-Type": "application/json" } : {},
        })).status, [method, path, body]);
}

cases({
    async weight(browser) {
        browser.step("the first page, from nothing");
        const came = [];
        const page = await browser.open("/app", { before: async (one) => {
            const session = await one.context().newCDPSession(one);
            await session.send("Network.enable");
            session.on("Network.loadingFinished", (answer) =>
                came.push(answer.encodedDataLength));
        } });
        await shown(page);
        return { files: came.length, bytes: came.reduce((a, b) => a + b, 0) };
    },

    async navigation(browser, facts) {
        const seen = [];
        for (const who of facts.people) {
            browser.step(`the pages of ${who}`);
            const page = await browser.open("/app", { as: who });
            await shown(page);
            const links = page.getByRole("navigation", { name: "Pages" })
                .getByRole("link");
            const paths = [...new Set(["/app", ...await links.evaluateAll(
                (all) => all.map((a) => a.getAttribute("href")))])];
            for (const path of paths) {
                browser.step(`${who} at ${path}`);
                await page.goto(path);
                await shown(page);
                equal(await page.locator(INLINE).count(), 0, "inline");
                await browser.axe(page);
                seen.push(`${who} ${path}`);
            }
            await page.close();
        }
        return { seen };
    },

    async technical(browser, facts) {
        browser.step("who may approve has a button for it");
        const path = `/app/requests/${facts.request}`;
        const approve = { name: /^Approve/ };
        const primary = await browser.open(path, { as: "primary" });
        await primary.getByRole("button", approve).first().waitFor();

        browser.step("who may not sees the same quote, and no button");
        const page = await browser.open(path, { as: "technical" });
        await shown(page);
        await page.getByText(facts.total).first().waitFor();
        equal(await page.getByRole("button", approve).count(), 0, "buttons");

        browser.step("and is refused by the API all the same");
        const action = `/requests/${facts.request}/actions`;
        browser.expect(page, 403, action);
        return { status: await ask(page, "POST", action,
            { action: "approve" }) };
    },

    async addresses(browser, facts) {
        for (const { who, path, shows } of facts.visits) {
            browser.step(`${who} at ${path}: ${shows}`);
            const asked = [];
            const page = await browser.open(path, { as: who,
                expect: shows === "no data" ? [[404, "/api/v1/"]] : [],
                before: (one) => one.on("request", (request) =>
                    asked.push(new URL(request.url()).pathname)) });
            await shown(page);
            const heading = await page.locator("main h1").innerText();
            equal(heading === "Not here", shows === "no page", heading);
            equal(await page.locator("main .fault").count(),
                shows === "no data" ? 1 : 0, "faults that are shown");
            for (const tab of await page.getByRole("tab").all()) {
                browser.step(`${who} at ${path}: ${await tab.innerText()}`);
                await tab.click();
                await shown(page);
            }
            equal(shows !== "no page" ? [] : asked.filter((one) =>
                /^\/api\/(?!v1\/(session|events)$)/.test(one)), [],
            "what was asked for though there is no such page");
            await browser.quiet();
            await page.close();
        }
    },

    async stale(browser, facts) {
        browser.step("the stream is there");
        const page = await browser.open("/app");
        await shown(page);
        const lost = page.getByText("The connection to the service was lost");
        equal(await lost.count(), 0, "said to be lost");

        browser.step("it is cut");
        browser.expect(page, "lost", "/");
        await browser.tell("cut");
        await lost.waitFor();
        await page.locator("main h1").waitFor();
        await browser.axe(page);

        browser.step("it is back, and what was missed is there");
        await browser.tell("mend");
        await lost.waitFor({ state: "detached" });
        await page.getByText(facts.state).first().waitFor();
    },

    async memory(browser, facts) {
        browser.step("the app's own stream");
        const page = await browser.open("/app", { before: (one) =>
            one.addInitScript(() => {
                const Real = globalThis.EventSource;
                globalThis.EventSource = class extends Real {
                    constructor(...how) {
                        super(...how);
                        globalThis.appsStream = this;
                    }
                };
            }) });
        await shown(page);
        let asked = 0;
        page.on("response", () => asked++);
        // told by hand: the service tells two a second of one subject
        const events = async (wanted) => {
            const rounds = asked + 10;
            for (let n = 0; n < wanted || asked < rounds; n += 100)
                await page.evaluate(([from, types]) => {
                    for (let i = from; i < from + 100; i++)
                        globalThis.appsStream.dispatchEvent(new MessageEvent(
                            types[i % types.length], { data: JSON.stringify({
                                migration: i, mailbox: i, state: "copying",
                                more: "x".repeat(500) }) }));
                }, [n, facts.types]);
            await shown(page);
        };
        browser.step("as many events as it takes to be warm");
        await events(facts.events / 4);
        const before = await heap(page);
        browser.step("and many more");
        await events(facts.events);
        const after = await heap(page);
        check(after < before + 3 * MIB,
            `the heap grew from ${before} to ${after} bytes`);
        return { before, after, asked };
    },
});
