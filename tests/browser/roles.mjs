// Deeds: who is offered them, and that the API does not go by what is offered.
import { cases, equal, until } from "./lib.mjs";

/** Buttons and links by that name, which may be one that begins so. */
function offers(page, name) {
    const how = name.endsWith("…")
        ? { name: new RegExp(`^${name.slice(0, -1)}`) }
        : { name, exact: true };
    return page.locator("main").getByRole("button", how)
        .or(page.locator("main").getByRole("link", how));
}

/** Ask the API as the page would; the status. */
function ask(page, { method, path, body }) {
    return page.evaluate(async ([method, path, body]) => (await fetch(
        `/api/v1${path}`, {
            method, body: body && JSON.stringify(body),
            headers: body ? { "Content-Type": "application/json" } : {},
        })).status, [method, path, body]);
}

cases({
    async offered(browser, facts) {
        const found = [];
        for (const { at, deeds } of facts.pages) {
            browser.step(`${facts.who} at ${at}`);
            const page = await browser.open(`/app${at}`, { as: facts.who });
            await page.locator("main h1").waitFor();
            await until("everything is there that is being read", async () =>
                (await page.locator("main .bars").count()) === 0);
            for (const { name, seen } of deeds) {
                browser.step(`${facts.who} at ${at}: ${name}`);
                if (seen) await offers(page, name).first().waitFor();
                else equal(await offers(page, name).count(), 0, name);
            }
            for (const deed of deeds.filter((one) => !one.may)) {
                browser.step(`${deed.method} ${deed.path}, which is "${
                    deed.name}", by ${facts.who}`);
                browser.expect(page, 403, `/api/v1${deed.path}`);
                equal(await ask(page, deed), 403, "the API");
                found.push(deed.name);
            }
            await browser.quiet();
            await page.close();
        }
        return { refused: found };
    },
});
