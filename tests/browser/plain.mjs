// Pages behind the links of letters, which work without any script.
import { readFileSync } from "node:fs";

import { cases, check, equal, tabTo } from "./lib.mjs";

/** A4 without its edges, at 96 pixels an inch. */
const PAPER = { width: 718, height: 1047 };

const heading = (page, name) => page.getByRole("heading", { name });

cases({
    async approve(browser, facts) {
        browser.step("the quote is shown");
        const page = await browser.open(`/approve/${facts.token}`);
        await page.getByRole("heading", { name: "Your quote" }).waitFor();
        await browser.axe(page);
        await browser.shots(page, "approve");

        browser.step("the button is reached and pressed by keyboard");
        await tabTo(page, page.getByRole("button", { name: /^Approve/ }));
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name: "Thank you" }).waitFor();
        await browser.axe(page);

        browser.step("the link is used up");
        const again = await browser.open(`/approve/${facts.token}`,
            { status: 410 });
        return { title: await again.title() };
    },

    async owner(browser, facts) {
        const path = `/owner/${facts.token}`;
        browser.step("the page, on a phone");
        const page = await browser.open(path, { size: "phone" });
        await heading(page, "Your mailbox's password").waitFor();
        await browser.axe(page);

        browser.step("who asks, for what, and what becomes of it, in order");
        const user = page.getByLabel("User name", { exact: true });
        equal(await user.inputValue(), facts.address, "user name");
        const ys = [];
        for (const part of [page.getByText("Contoso Ltd has the mailbox"),
            page.getByText("ask whoever looks after your mail"), user,
            page.getByLabel(/^Password of /),
            page.getByText("used for this move alone"),
            page.getByRole("button", { name: "Hand over the password" }),
            page.getByText("This link works until")])
            ys.push((await part.boundingBox()).y);
        equal(ys, [...ys].sort((a, b) => a - b), "from top to bottom");
        await page.getByText(`where it is now (${facts.host})`).waitFor();
        equal(await page.evaluate(() => [...document.querySelectorAll("input")]
            .map((e) => [e.id, e.autocomplete,
                e === document.activeElement])),
        [["user", "username", false], ["password", "current-password", true]],
        "fields");
        const wide = await page.evaluate(() =>
            document.documentElement.scrollWidth) - 390;
        check(wide <= 0, `${wide} pixels too wide`);
        await browser.shots(page, "owner");

        browser.step("three wrong passwords, by keyboard");
        for (const [status, said] of [[422, "You can try twice more."],
            [422, "You can try once more."],
            [410, "has refused the password too often"]]) {
            browser.expect(page, status, path);
            const field = page.getByLabel(/^Password of /);
            await tabTo(page, field);
            await page.keyboard.type("not it");
            await page.keyboard.press("Enter");
            await page.getByText(said).waitFor();
            await browser.axe(page);
            if (status === 422) {
                equal(await page.evaluate(() => document.activeElement.id),
                    "password", "where the focus is");
                equal(await user.inputValue(), facts.address, "user name");
                equal(await field.getAttribute("aria-invalid"), "true",
                    "the field says that it was wrong");
                equal(await field.inputValue(), "", "it is never shown");
                await browser.shots(page, "owner-wrong");
            }
        }

        browser.step("a link whose time is over");
        const late = await browser.open(`/owner/${facts.late}`,
            { size: "phone", status: 410 });
        await heading(late, "This link is too old").waitFor();
        await browser.axe(late);
        await browser.shots(late, "owner-late");
    },

    async certificate(browser, facts) {
        browser.step("what the verification found");
        const page = await browser.open(`/certificate/${facts.token}`);
        for (const [what, n] of [["are equal on both sides", facts.equal],
            ["are missing", facts.missing], ["differ", 0]])
            await page.getByRole("row", { name: `Items that ${what} ${n}`,
                exact: true }).waitFor();
        await browser.axe(page);
        await browser.shots(page, "certificate-link");

        browser.step("the certificate, as it is kept");
        const coming = page.waitForEvent("download");
        await page.getByRole("link", { name: "certificate.html" }).click();
        const text = readFileSync(await (await coming).path(), "utf8");
        const paper = await page.context().newPage();
        const asked = [];
        paper.on("request", (request) => asked.push(request.url()));
        await paper.setContent(text);
        await heading(paper, "What is not equal").waitFor();
        const all = paper.getByRole("row", { name: /^All/ });
        equal((await all.getByRole("cell").allInnerTexts()).map(Number),
            [facts.equal, 0, facts.missing, 0, 0], "what all are");
        equal(await paper.getByRole("cell", { name: "missing" }).count(),
            facts.missing, "differences");
        equal(await paper.locator("script, link, img").count(), 0, "others");
        await browser.axe(paper);
        await browser.shots(paper, "certificate");

        browser.step("and printed, by who likes it dark");
        await paper.emulateMedia({ media: "print", colorScheme: "dark" });
        await paper.setViewportSize(PAPER);
        await browser.fits(paper, "the paper");
        equal(await paper.evaluate(() => [...document.querySelectorAll("*")]
            .filter((e) => e.scrollWidth > document.body.clientWidth)
            .map((e) => e.tagName)), [], "what is wider than paper");
        equal(await paper.evaluate(() => [
            getComputedStyle(document.body).color,
            getComputedStyle(document.documentElement).backgroundColor]),
        ["rgb(0, 0, 0)", "rgb(255, 255, 255)"], "ink and paper");
        await browser.shot(paper, "certificate-print");
        await browser.axeNow(paper, "print");
        equal(asked, [], "what it asks for");
    },

    async pages(browser, facts) {
        for (const [path, status] of facts.pages) {
            const [, kind] = path.split("/");
            browser.step(`${kind}, ${status}`);
            const page = await browser.open(path,
                { as: "nobody", size: "phone", status });
            const h1 = page.getByRole("heading", { level: 1 });
            equal(await h1.count(), 1, "headings");
            equal(await page.title(), await h1.innerText(), "title");
            equal(await page.locator("script, style, [style], [onclick]," +
                " [href^='javascript:']").count(), 0, "inline");
            const answer = await page.reload();
            const policy = answer.headers()["content-security-policy"];
            check(/^default-src 'none'; style-src 'self';/.test(policy) &&
                !policy.includes("unsafe"), `policy: ${policy}`);
            // what is too wide makes a phone's innerWidth wider, too
            const wide = await page.evaluate(() =>
                document.documentElement.scrollWidth) - 390;
            check(wide <= 0, `${wide} px too wide`);
            await browser.axe(page);
            await browser.shot(page, `link-${kind}-${status}`);
            await page.close();
        }
    },

    async session(browser) {
        browser.step("the session of the cookie is the browser's");
        const page = await browser.open("/api/v1/session");
        const text = await page.locator("body").innerText();
        const nobody = await browser.open("/api/v1/session",
            { as: "nobody", status: 401 });
        check(nobody !== page, "one page for both");
        return { text };
    },

    // What follows must fail: the program says by what.

    async label(browser, facts) {
        browser.step("a field without a label");
        const page = await browser.open(`/supply/${facts.token}`);
        await browser.axe(page);
        equal(await page.locator("label").evaluateAll((all) => {
            for (const one of all) one.replaceWith(...one.childNodes);
            return all.length > 0;
        }), true, "labels");
        await browser.axe(page);
    },

    async contrast(browser, facts) {
        browser.step("grey on black, in the dark alone");
        const page = await browser.open(`/supply/${facts.token}`);
        await page.evaluate(() => {
            const set = () => document.querySelector("h1").style
                .setProperty("color", dark.matches ? "#333" : "");
            const dark = matchMedia("(prefers-color-scheme: dark)");
            dark.addEventListener("change", set);
            set();
        });
        await browser.axe(page);
    },

    async violation(browser, facts) {
        browser.step("a script in the page");
        const page = await browser.open(`/supply/${facts.token}`);
        await page.evaluate(() => {
            const script = document.createElement("script");
            script.textContent = "globalThis.ran = true";
            document.body.append(script);
        });
    },

    async elsewhere(browser, facts) {
        browser.step("a link that leads to another host");
        const page = await browser.open(`/supply/${facts.token}`);
        const asked = page.waitForRequest(/other.example/);
        await page.evaluate(() => location.assign("https://other.example/"));
        await asked;
    },

    async exception(browser, facts) {
        browser.step("a script that throws");
        const page = await browser.open(`/supply/${facts.token}`);
        await page.evaluate(() => new Promise((done) => setTimeout(() => {
            done();
            throw new Error("planted");
        })));
    },

    async unexpected(browser, facts) {
        browser.step("an answer that nobody expected");
        const page = await browser.open(`/supply/${facts.token}`);
        await page.goto("/supply/none");
    },
});
