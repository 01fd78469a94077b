// Pages behind the links of letters, which work without any script.
import { cases, check, equal, tabTo } from "./lib.mjs";

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
