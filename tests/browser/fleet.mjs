// The fleet: workers, servers, and what went on with them.
import { cases, check, equal, tabTo, until } from "./lib.mjs";

const HOST = "mail.old.example:443";

const dialog = (page) => page.getByRole("dialog");
const row = (page, name) => page.getByRole("row", { name });

cases({
    async drain(browser) {
        browser.step("who works, and who is gone");
        const page = await browser.open("/app/fleet");
        await row(page, /mover-1.*at work.*6 of 8.*48,211 items/).waitFor();
        await row(page, /mover-3.*gone/).waitFor();
        await row(page, /mail\.old.*backing off.*12 of 24/).waitFor();
        await browser.axe(page);
        await browser.shots(page, "fleet");
        await page.setViewportSize({ width: 390, height: 844 });
        check(await page.evaluate(() => document.documentElement.scrollWidth
            <= innerWidth), "something is wider than a phone");
        await page.setViewportSize({ width: 1280, height: 800 });

        browser.step("what draining does is said first, and can be left");
        const drain = page.getByRole("button", { name: "Drain mover-1" });
        await tabTo(page, drain);
        await page.keyboard.press("Enter");
        await dialog(page).getByText("6 mailboxes of its go on").waitFor();
        await browser.axe(page);
        await page.keyboard.press("Escape");
        await dialog(page).waitFor({ state: "hidden" });
        await row(page, /mover-1.*at work/).waitFor();

        browser.step("it is drained; another tab hears of it");
        const other = await browser.open("/app/fleet");
        await row(other, /mover-1.*at work/).waitFor();
        await drain.click();
        await page.getByRole("button", { name: "Drain it" }).click();
        await row(page, /mover-1.*draining/).waitFor();
        await row(other, /mover-1.*draining/).waitFor();

        browser.step("another is drained and let go on again");
        await page.getByRole("button", { name: "Drain mover-2" }).click();
        await page.getByRole("button", { name: "Drain it" }).click();
        await page.getByRole("button", { name: "Let go on mover-2" }).click();
        await page.getByRole("button", { name: "Let it go on" }).click();
        await row(page, /mover-2.*at work/).waitFor();
    },

    async limits(browser) {
        browser.step("from the fleet to a server");
        const page = await browser.open("/app/fleet");
        await page.getByRole("link", { name: HOST }).click();
        await page.getByRole("heading", { name: HOST, level: 1 }).waitFor();
        await row(page, /mover-1.*9 of 12.*31/).waitFor();

        browser.step("a fault stands beside its field, what was typed stays");
        await page.getByRole("button", { name: "Change limits" }).click();
        await page.getByLabel("Mailboxes at once").fill("4");
        const quiet = page.getByLabel("Quiet hours");
        await quiet.fill("at night");
        browser.expect(page, 422, "/api/v1/hosts/");
        await page.keyboard.press("Enter");
        await dialog(page).getByText("This has to be times of the week").waitFor();
        equal(await quiet.getAttribute("aria-invalid"), "true", "the field");
        equal(await page.getByLabel("Mailboxes at once").inputValue(), "4",
            "what was typed");
        await browser.axe(page);
        await browser.shots(page, "fleet-limits");

        browser.step("limits are kept, and taken back");
        await quiet.fill("Mon-Fri 08:00-18:00 Europe/Berlin");
        await page.keyboard.press("Enter");
        await dialog(page).waitFor({ state: "hidden" });
        await page.getByText("Mon-Fri 08:00-18:00 Europe/Berlin").waitFor();
        await page.getByText("0 of 4 at once").waitFor();
        await page.getByRole("button", { name: "Change limits" }).click();
        await quiet.fill("");
        await page.keyboard.press("Enter");
        await dialog(page).waitFor({ state: "hidden" });
        await page.getByText("Mon-Fri 08:00-18:00").waitFor({
            state: "hidden" });
    },

    async plots(browser) {
        browser.step("what went on is drawn");
        const page = await browser.open(`/app/hosts/${HOST}`);
        const plot = page.getByRole("figure", { name: "Governor" });
        await plot.locator("canvas").waitFor();
        await browser.axe(page);
        await browser.shots(page, "host");

        browser.step("it is read by keyboard");
        const box = plot.getByRole("group", { name: "arrow keys" });
        await tabTo(page, box);
        const read = plot.locator(".plot-read");
        const last = await read.innerText();
        await page.keyboard.press("Home");
        await until("the first", async () =>
            (await read.innerText()) !== last);
        const first = await read.innerText();
        check(!first.includes("Latest"), first);
        await page.keyboard.press("ArrowRight");
        await until("the next", async () =>
            (await read.innerText()) !== first);

        browser.step("and as a table");
        await plot.getByText("As a table").click();
        const table = plot.getByRole("table");
        await table.waitFor();
        check(await table.getByRole("row").count() > 200, "rows");
        await table.getByText("3 refused as busy").first().waitFor();
        await browser.axe(page);

        browser.step("at the width of what it stands in");
        await page.setViewportSize({ width: 600, height: 900 });
        await until("narrow", async () => await plot.locator("canvas")
            .evaluate((c) => c.getBoundingClientRect().right) <= 600);
        await page.setViewportSize({ width: 1280, height: 800 });
    },

    async migration(browser) {
        browser.step("what went on with a migration, and was foreseen");
        const page = await browser.open("/app/migrations/1");
        await page.getByRole("tab", { name: "Over time" }).click();
        const plot = (name) => page.getByRole("figure", { name });
        for (const name of ["Throughput", "Concurrency", "End as foreseen",
            "Failures"])
            await plot(name).locator("canvas").waitFor();
        await plot("Concurrency").getByText("Limit of the source").waitFor();
        await browser.axe(page);
        await browser.shots(page, "migration-plots");

        browser.step("each forecast that was given");
        await plot("End as foreseen").getByText("As a table").click();
        await plot("End as foreseen").getByRole("table").waitFor();
        equal(await plot("End as foreseen").getByRole("row").count(), 6,
            "a head and five forecasts");
        await plot("Failures").getByText("As a table").click();
        await plot("Failures").getByRole("table").waitFor();
        equal(await plot("Failures").getByRole("cell", { name: "4" }).count(),
            4, "minutes in which items failed");
    },

    async nobody(browser) {
        browser.step("what is to be done where nobody works");
        const page = await browser.open("/app/fleet");
        await page.getByText("Nobody works").waitFor();
        await page.getByText("No server is known yet").waitFor();
        await browser.axe(page);
        await browser.shots(page, "fleet-nobody");

        browser.step("it is no page of contacts");
        const theirs = await browser.open("/app/fleet", { as: "tom" });
        await theirs.getByRole("heading", { level: 1 }).waitFor();
        equal(await theirs.getByRole("link", { name: "Fleet" }).count(), 0,
            "in their navigation");
        equal(await theirs.getByText("Nobody works").count(), 0, "the page");
    },
});
