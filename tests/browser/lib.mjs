// What the cases of tests/browser/ share: pages in Chromium, watched for what
// must not happen.  tests/lib/browser.py runs a script and tells it, as JSON
// on its standard input, how things stand; it answers on its standard output.
//
//     import { cases, equal } from "./lib.mjs";
//     cases({
//         async approve(browser, facts) {
//             browser.step("the quote is shown");
//             const page = await browser.open(`/approve/${facts.token}`);
//             await browser.axe(page);
//             await browser.shots(page, "approve");
//             browser.step("it is approved");
//             await page.getByRole("button", { name: /^Approve/ }).click();
//             await page.getByRole("heading", { name: "Thank you" }).waitFor();
//             return { title: await page.title() };
//         },
//     });
//
// Wait for what is to be seen, never for a time: Playwright's locators do.
import { deepStrictEqual } from "node:assert";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

// Far more than anything needs, on a busy machine too.
const WAIT_MS = 120_000;
const SIZES = {
    desk: { viewport: { width: 1280, height: 800 } },
    phone: {
        viewport: { width: 390, height: 844 },
        isMobile: true, hasTouch: true, deviceScaleFactor: 2,
    },
};
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What a page says that has put nothing into an address. */
const NOTHING = /[/=](?:NaN|undefined|null|%5Bobject[^/&]*)(?:[/?&]|$)/;

export function check(condition, what) {
    if (!condition) throw new Error(what);
}

export function equal(got, want, what) {
    deepStrictEqual(got, want,
        `${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

/** Ask again until it is so; what: for the message. */
export async function until(what, isSo) {
    const end = Date.now() + WAIT_MS;
    while (!(await isSo())) {
        check(Date.now() < end, `waited in vain: ${what}`);
        await new Promise((go) => setTimeout(go, 50));
    }
}

/** Press Tab until target has the focus, as who has no mouse does. */
export async function tabTo(page, target, key = "Tab") {
    for (let i = 0; i < 300; i++) {
        if (await target.evaluate((e) => e === document.activeElement)) return;
        await page.keyboard.press(key);
    }
    throw new Error(`${key} does not lead to ${target}`);
}

/** What must not happen on a page, from its first moment to its end. */
class Watch {
    constructor(page, origin) {
        this.origin = origin;
        this.seen = [];
        this.expected = [];
        page.on("console", (m) => this.console(m));
        page.on("pageerror", (e) => this.add(`exception: ${e.stack || e}`));
        page.on("request", (r) => this.request(r));
        page.on("response", (r) => this.response(r));
        page.on("requestfailed", (r) => this.lost(r));
    }

    add(what) {
        this.seen.push(what);
    }

    console(message) {
        // these come with their status from response() and lost()
        if (message.type() === "error" &&
            !message.text().startsWith("Failed to load resource"))
            this.add(`console: ${message.text()}`);
    }

    request(request) {
        const url = new URL(request.url());
        if (url.protocol !== "data:" && url.protocol !== "blob:" &&
            url.origin !== this.origin)
            this.add(`asked another host: ${url}`);
        if (url.pathname.startsWith("/api/") &&
            NOTHING.test(url.pathname + url.search))
            this.add(`asked for what cannot be: ${url}`);
    }

    /** status: a number, or "lost"; path: a part of it, or a RegExp. */
    isExpected(status, url) {
        const { pathname, search } = new URL(url);
        const asked = pathname + search;
        return this.expected.some(([number, path]) => number === status &&
            (path instanceof RegExp ? path.test(asked) : asked.includes(path)));
    }

    response(answer) {
        const status = answer.status();
        if (status >= 400 && !this.isExpected(status, answer.url()))
            this.add(`${status} from ${answer.request().method()} ` +
                answer.url());
    }

    lost(request) {
        const why = request.failure()?.errorText;
        // a page that is left ends what it was asking
        if (why !== "net::ERR_ABORTED" &&
            !this.isExpected("lost", request.url()))
            this.add(`${why}: ${request.method()} ${request.url()}`);
    }
}

class Browser {
    constructor(chromium, told, axeSource) {
        this.chromium = chromium;
        this.told = told;
        this.axeSource = axeSource;
        this.contexts = new Map();
        this.watches = new Map();
        this.held = undefined;
        this.at = "start";
    }

    /** What follows is called so when it fails. */
    step(name) {
        this.at = name;
        // for who looks at the log of a run that hangs
        console.error(`- ${name}`);
    }

    /** Have the program do something, by the name that it gave the hook. */
    async tell(hook) {
        const got = await fetch(`${this.told.hooks}/${hook}`,
            { method: "POST" });
        equal(got.status, 204, `the hook "${hook}"`);
    }

    /**
     * Pages that are opened from now on take this moment for the present, for
     * as long as they are there; what they wait for goes on.  For cases that
     * read one page twice: "in 11 h" would be "in 10 h 59 min".
     */
    holdTime() {
        this.held = new Date();
    }

    async context(as, size, zone) {
        const key = `${as} ${size} ${zone}`;
        if (!this.contexts.has(key)) {
            const context = await this.chromium.newContext({
                baseURL: this.told.url, ignoreHTTPSErrors: true,
                locale: "en-GB", timezoneId: zone, reducedMotion: "reduce",
                acceptDownloads: true, ...SIZES[size],
            });
            context.setDefaultTimeout(WAIT_MS);
            if (this.held) await context.clock.setFixedTime(this.held);
            await context.addInitScript(() => addEventListener(
                "securitypolicyviolation", (e) => console.error(
                    `policy: ${e.violatedDirective} against ${e.blockedURI}`)));
            const cookie = this.told.cookies[as];
            if (cookie) {
                const [name, value] = cookie.split(/=(.*)/);
                await context.addCookies([{
                    name, value, domain: this.told.host, path: "/",
                    secure: this.told.url.startsWith("https:"),
                    httpOnly: true, sameSite: "Strict",
                }]);
            }
            this.contexts.set(key, context);
        }
        return this.contexts.get(key);
    }

    /**
     * A page of the service.  as: whose session (the first of the cookies;
     * "nobody" for none); size: "desk" or "phone"; zone: the reader's; status:
     * the answer that is expected; expect: further [status, path] that may be answered;
     * before: called with the page while it is still empty.
     */
    async open(path, { as, size = "desk", zone = "UTC", status = 200,
        expect = [], before } = {}) {
        const who = as ?? Object.keys(this.told.cookies)[0] ?? "nobody";
        check(who === "nobody" || who in this.told.cookies,
            `there is no cookie of "${who}"`);
        const context = await this.context(who, size, zone);
        const page = await context.newPage();
        const watch = new Watch(page, new URL(this.told.url).origin);
        this.watches.set(page, watch);
        watch.expected.push(...expect);
        if (who === "nobody") this.expect(page, 401, "/api/v1/session");
        if (status >= 400) this.expect(page, status, path);
        await before?.(page);
        const answer = await page.goto(path);
        equal(answer.status(), status, path);
        return page;
    }

    /** From now on that answer (or "lost" connection) is no fault. */
    expect(page, status, path) {
        this.watches.get(page).expected.push([status, path]);
    }

    /** No violation of WCAG 2.2 AA, in light and in dark. */
    async axe(page) {
        for (const colorScheme of ["dark", "light"]) {
            await page.emulateMedia({ colorScheme });
            await this.axeNow(page, colorScheme);
        }
    }

    async axeNow(page, colorScheme) {
        // outside the page's policy, which allows no such script
        const session = await page.context().newCDPSession(page);
        const { exceptionDetails } = await session.send("Runtime.evaluate",
            { expression: `if (!globalThis.axe) { ${this.axeSource} }` });
        await session.detach();
        check(!exceptionDetails, exceptionDetails?.exception?.description);
        const { violations, passes } = await page.evaluate((values) =>
            globalThis.axe.run({ runOnly: { type: "tag", values } }), WCAG);
        check(passes.length > 0, "axe looked at nothing");
        check(violations.length === 0, `axe, ${colorScheme}: ` +
            violations.map(told).join("\n"));
    }

    /** NAME-light.png, NAME-dark.png, NAME-phone.png of a page that fits. */
    async shots(page, name) {
        const usual = page.viewportSize();
        await this.fits(page, name);
        await this.shot(page, `${name}-light`);
        await page.emulateMedia({ colorScheme: "dark" });
        await this.shot(page, `${name}-dark`);
        await page.emulateMedia({ colorScheme: "light" });
        await page.setViewportSize(SIZES.phone.viewport);
        await this.fits(page, `${name} on a phone`);
        await this.shot(page, `${name}-phone`);
        await page.setViewportSize(usual);
    }

    /**
     * The page as a whole fits its window.  What may scroll sideways inside of
     * it is a table in its frame, but not one whose rows a phone has as cards.
     */
    async fits(page, name) {
        const [beyond, frames] = await page.evaluate(() => {
            const root = document.scrollingElement;
            root.scrollLeft = 10_000;
            const far = root.scrollLeft;
            root.scrollLeft = 0;
            const cards = ".trail, .bigtable-box, .scroll:has(.stacks)";
            const frames = innerWidth > 640 ? []
                : [...document.querySelectorAll(cards)].filter((one) =>
                    one.scrollWidth > one.clientWidth);
            return [far, frames.map((one) => one.ariaLabel)];
        });
        check(beyond === 0, `${name} scrolls sideways by ${beyond} px`);
        equal(frames, [], `tables of ${name} that scroll sideways`);
    }

    async shot(page, name) {
        const path = join(this.told.shots, `${name}.png`);
        // what stays in sight is drawn where it belongs in the whole
        await page.evaluate(() => scrollTo(0, 0));
        await page.screenshot({ path, fullPage: true, animations: "disabled" });
        return path;
    }

    /** Nothing has happened on any page that must not; failure() says what. */
    async quiet() {
        for (const [page, watch] of this.watches) {
            // what the page has been told of by now is told before this is
            if (!page.isClosed())
                await page.evaluate(() => new Promise((go) => setTimeout(go)));
            check(watch.seen.length === 0, "something that must not happen");
        }
    }

    /** What there is to see of a failure: the message and the pages. */
    async failure(error) {
        const lines = [`at "${this.at}": ${error.stack}`];
        for (const [page, watch] of this.watches) {
            lines.push(...watch.seen);
            if (page.isClosed()) continue;
            const name = `failed-${this.told.script}-${this.told.case}`;
            const path = await this.shot(page, `${name}-${lines.length}`)
                .catch((e) => `no picture: ${e.message}`);
            lines.push(`${page.url()}: ${path}`);
        }
        return lines.join("\n");
    }
}

function told(violation) {
    return `${violation.id}: ${violation.help}\n` + violation.nodes.map((n) =>
        `    ${n.target.join(" ")}: ${n.html}\n    ${n.failureSummary}`)
        .join("\n");
}

async function launch(told) {
    const require = createRequire(join(told.modules, "package.json"));
    const { chromium } = require("playwright-core");
    const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
    mkdirSync(told.shots, { recursive: true });
    return new Browser(await chromium.launch({
        executablePath: told.chromium,
        chromiumSandbox: !told.root, // it cannot be had as root
        args: [
            `--host-resolver-rules=MAP ${told.host} 127.0.0.1:${told.port}, ` +
            "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ],
    }), told, axe);
}

/** Run the case that the facts name, and answer what it returned. */
export async function cases(table) {
    const asked = JSON.parse(await text(process.stdin));
    const run = table[asked.case];
    let answer;
    if (run === undefined) {
        answer = { failed: `there is no case "${asked.case}"` };
    } else {
        const browser = await launch(asked);
        try {
            const found = await run(browser, asked.facts);
            await browser.quiet();
            answer = { found: found ?? {} };
        } catch (error) {
            answer = { failed: await browser.failure(error) };
        } finally {
            await browser.chromium.close();
        }
    }
    process.stdout.write(JSON.stringify(answer));
}
