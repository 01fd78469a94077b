// The pages of migrations and of their mailboxes.
import { cases, check, equal, tabTo, until } from "./lib.mjs";

const REFUSED = [422, "/api/v1/migrations"];

async function deed(page, name, yes) {
    await page.getByRole("button", { name, exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: yes }).click();
    await dialog.waitFor({ state: "detached" });
}

/** How much of the page moved that nobody had touched: layout shifts. */
function watchMoves() {
    globalThis.moved = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => {
        if (!one.hadRecentInput) globalThis.moved += one.value;
    })).observe({ type: "layout-shift", buffered: true });
}

cases({
    async today(browser) {
        browser.step("what waits for an operator, and nothing else");
        const page = await browser.open("/app", { before: (one) =>
            one.addInitScript(watchMoves) });
        const todo = page.getByRole("region",
            { name: "What waits for an operator" });
        const nobody = todo.getByRole("link",
            { name: /3 queued, and nobody works/ });
        await nobody.waitFor();
        await todo.getByRole("link", { name: /missing: the price list/ })
            .waitFor();
        equal(await todo.getByRole("link").count(), 2, "tiles");
        check(await page.evaluate(() => globalThis.moved) < 0.01, "it jumped");
        await browser.axe(page);
        await browser.shots(page, "today");

        browser.step("what keeps the service from its work comes first");
        await page.route("**/api/v1/health", (route) => route.fulfill({
            json: { database: { writable: false, since: "2026-01-02T03:04:05Z",
                reason: 'state file "/data/mailferry.db" no space is left on ' +
                    "its disk", remedy: "free some space there" } } }));
        await page.reload();
        await todo.getByRole("link", { name: /cannot be written/ }).waitFor();
        const first = await todo.getByRole("link").first().innerText();
        check(/its disk; free some space there/.test(first), first);
        await browser.axe(page);
        await browser.shots(page, "today-full");
        await page.unroute("**/api/v1/health");
        await page.reload();
        await nobody.waitFor();
        equal(await todo.getByRole("link").count(), 2, "tiles");

        browser.step("it leads there, and is gone when it is done");
        await nobody.click();
        await page.getByRole("heading", { name: "Fleet" }).waitFor();
        await page.goBack();
        await nobody.waitFor();
        await browser.tell("pause");
        await nobody.waitFor({ state: "detached" });
    },

    async stalls(browser, facts) {
        browser.step("nothing is told while all get on");
        const page = await browser.open("/app");
        await page.getByRole("heading", { name: "What moves" }).waitFor();
        const part = page.getByRole("region",
            { name: "What does not get on" });
        equal(await part.count(), 0, "stalls");

        browser.step("what stands still is told, and why");
        await browser.tell("still");
        await part.waitFor();
        await part.getByText("stands still").waitFor();
        await part.getByText(facts.address).waitFor();
        await browser.axe(page);
        await browser.shots(page, "today-stalls");

        browser.step("it leads there");
        await part.getByRole("link", { name: "Contoso" }).click();
        await page.getByRole("heading", { name: "Contoso" }).waitFor();
        await page.goBack();
        await part.waitFor();

        browser.step("it is gone when it is over");
        await browser.tell("over");
        await part.waitFor({ state: "detached" });
    },

    async table(browser, facts) {
        browser.step("all are read");
        const page = await browser.open("/app/migrations/1");
        const grid = page.getByRole("grid", { name: "mailboxes" });
        await until("all rows", async () => await grid.getAttribute(
            "aria-rowcount") === String(facts.n + 1));
        check(await grid.getByRole("row").count() < 60, "all are drawn");

        browser.step("the last row by keyboard, and back");
        await tabTo(page, grid);
        await page.keyboard.press("End");
        const last = `u${String(facts.n).padStart(5, "0")}@old.example`;
        await grid.getByText(last).waitFor();
        const active = () => grid.getAttribute("aria-activedescendant");
        await until("it is active", async () =>
            await page.locator(`[id="${await active()}"]`)
                .getAttribute("aria-rowindex") === String(facts.n + 1));
        await page.keyboard.press("Home");
        await grid.getByText("u00001@old.example").waitFor();

        browser.step("each place it is scrolled to shows its own rows");
        const seen = await page.evaluate(async (rows) => {
            const box = document.querySelector("[role=grid]");
            const drawn = () => new Promise((go) => requestAnimationFrame(() =>
                requestAnimationFrame(go)));
            const found = { wrong: [], most: 0, places: 0 };
            for (let n = 0; n < rows; n += 251) {
                box.scrollTop = n * 40;
                await drawn();
                const { x, y } = box.getBoundingClientRect();
                // below the head: the row that is at the top of the box
                const at = document.elementFromPoint(x + 200,
                    y + 60)?.closest("[role=row]");
                const first = Math.round(box.scrollTop / 40) + 1;
                const name = `u${String(first).padStart(5, "0")}@old.example`;
                if (!at?.textContent.includes(name))
                    found.wrong.push([name, at?.textContent]);
                found.most = Math.max(found.most,
                    box.querySelectorAll("*").length);
                found.places++;
            }
            return found;
        }, facts.n);
        check(seen.places > 5, "places");
        equal(seen.wrong.join(), "", "rows that are not where they belong");
        check(seen.most < 2000, `${seen.most} elements at a time`);
        await page.keyboard.press("Home");
        await grid.getByText("u00001@old.example").waitFor();

        browser.step("three are marked with Shift, and started");
        await page.keyboard.press("Shift+ArrowDown");
        await page.keyboard.press("Shift+ArrowDown");
        await page.getByText("mailboxes, 3 marked").waitFor();
        await browser.axe(page);
        await browser.shots(page, "migration");

        browser.step("on a phone a row is a card that says all of it");
        await page.setViewportSize({ width: 390, height: 844 });
        await until("cards", async () => await grid.locator(
            "[aria-rowindex='3']").evaluate((row) => row.offsetHeight) > 100);
        equal(await grid.locator("[aria-rowindex='3'] > div").evaluateAll(
            (cells) => cells.filter((one) =>
                one.scrollWidth > one.clientWidth ||
                one.getBoundingClientRect().bottom > one.parentElement
                    .getBoundingClientRect().bottom)
                .map((one) => one.innerText)), [], "cells that are cut off");
        const card = grid.getByText("u00002@old.example");
        const next = grid.getByText("u00003@old.example");
        check((await next.boundingBox()).y - (await card.boundingBox()).y > 100,
            "cards lie on each other");
        await page.setViewportSize({ width: 1280, height: 800 });
        await until("rows", async () => await grid.locator(
            "[aria-rowindex='3']").evaluate((row) => row.offsetHeight) < 50);
        await tabTo(page, page.getByRole("button", { name: "Start a pass…" }),
            "Shift+Tab");
        await page.keyboard.press("Enter");
        await tabTo(page, page.getByRole("button", { name: "Start it" }));
        await page.keyboard.press("Enter");
        await page.getByText("3 passes queued.").waitFor();
        await grid.getByText("full: queued").first().waitFor();

        browser.step("found by text, sorted, kept in the URL");
        await page.getByRole("searchbox").fill("u00042@");
        await until("one row", async () =>
            await grid.getAttribute("aria-rowcount") === "2");
        check(page.url().includes("find=u00042"), page.url());
        await page.getByRole("searchbox").fill("");
        await page.getByRole("button", { name: "From" }).click();
        await page.getByRole("button", { name: "From" }).click();
        await grid.getByText(last).waitFor();
        check(page.url().includes("sort=-source"), page.url());

        browser.step("Enter opens a mailbox");
        await grid.focus();
        await page.keyboard.press("Home");
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name: last }).waitFor();
    },

    async deeds(browser) {
        browser.step("all are started, paused, and the pause taken back");
        const page = await browser.open("/app/migrations/1");
        await page.getByText("u00004@old.example").waitFor();
        await page.getByText("What is done here is done to all 4 mailboxes.")
            .waitFor();
        await deed(page, "Start a pass…", "Start it");
        await page.getByText("4 passes queued.").waitFor();
        await deed(page, "Pause…", "Pause 4 mailboxes");
        await page.getByText("4 mailboxes paused.").waitFor();
        await page.getByText("full: paused").nth(3).waitFor();
        await page.getByRole("button", { name: "Undo" }).click();
        await page.getByText("Taken back.").waitFor();
        await page.getByText("full: queued").nth(3).waitFor();

        browser.step("one is marked, and cancelled, then all");
        await page.getByLabel("Mark u00002@old.example").click();
        await deed(page, "Cancel…", "Cancel 1 mailbox");
        await page.getByText("1 mailbox cancelled.").waitFor();
        await page.getByRole("button", { name: "Take marks away" }).click();
        await deed(page, "Cancel…", "Cancel 3 mailboxes");
        await page.getByText("3 mailboxes cancelled.").waitFor();

        browser.step("each tab");
        for (const tab of ["Over time", "Failures", "Reports", "Settings"]) {
            await page.getByRole("tab", { name: tab }).click();
            await page.getByRole("tabpanel").locator(":scope > *").first()
                .waitFor();
            await browser.axe(page);
            await browser.shots(page, `migration-${tab.toLowerCase().replace(" ", "-")}`);
        }
        await page.getByLabel("Name").fill("Contoso Ltd");
        await page.getByLabel("Mailboxes at once").fill("2");
        await page.getByRole("button", { name: "Change it" }).click();
        await page.getByRole("heading", { name: "Contoso Ltd" }).waitFor();

        browser.step("a mailbox and its flags");
        const box = await browser.open("/app/mailboxes/1");
        await box.getByText("No folders known").waitFor();
        await browser.axe(box);
        await browser.shots(box, "mailbox");
        await box.getByRole("tab", { name: "Flags, options, credentials" })
            .click();
        await box.getByLabel("Leave out mail").check();
        await box.getByRole("button", { name: "Change the flags" }).click();
        await box.getByText("Flags changed.").waitFor();
        await browser.axe(box);

        browser.step("and options of its own, which are told with it");
        await box.getByText("What is copied").click();
        await box.getByLabel("Leave out the archive").check();
        await box.getByLabel("Mail", { exact: true }).check();
        await box.getByRole("button", { name: "Keep these options" }).click();
        await box.getByText("Leave out the archive (its own)").waitFor();
        await browser.axe(box);
        await browser.shots(box, "mailbox-row");

        browser.step("the list");
        const list = await browser.open("/app/migrations");
        await list.getByRole("link", { name: "Contoso Ltd" }).waitFor();
        await browser.axe(list);
        await browser.shots(list, "migrations");
    },

    async check(browser, facts) {
        browser.step("nothing was looked at yet");
        const page = await browser.open("/app/mailboxes/1?tab=check");
        await page.getByText("Not checked yet").waitFor();
        await browser.axe(page);

        browser.step("what there is, and how it is reached");
        await browser.tell("look");
        const all = `${facts.items} items`;
        await page.getByText(all, { exact: true }).waitFor();
        await page.getByText("nothing stands in the way").waitFor();
        const source = page.getByRole("region", { name: "Source" });
        await source.getByText(facts.rights).waitFor();
        await page.getByRole("region", { name: "Destination" })
            .getByText(facts.rights).waitFor();
        await page.getByText(/^As it was on .* nothing was written/).waitFor();
        const counts = await page.getByRole("region",
            { name: "folders that were counted" })
            .locator("tbody tr td:nth-child(3)").allInnerTexts();
        equal(counts.reduce((sum, n) => sum + Number(n), 0), facts.items,
            "items of all folders");
        await browser.axe(page);
        await browser.shots(page, "mailbox-check");

        browser.step("it cannot be opened any more");
        await browser.tell("lock");
        await page.getByRole("alert").or(page.locator(".fault")).first()
            .waitFor();
        await page.getByText(facts.remedy).first().waitFor();
        await browser.axe(page);
        await browser.shots(page, "mailbox-check-failed");
    },

    async told(browser, facts) {
        browser.step("each option that the API takes is on the page");
        const page = await browser.open("/app/migrations/1?tab=settings");
        const groups = page.locator("details.options");
        await groups.first().waitFor();
        const said = await groups.locator("summary").allInnerTexts();
        equal(said.reduce((n, text) => n + Number(text.match(/(\d+) said/)?.[1]), 0),
            facts.options, said.join());
        equal(await groups.evaluateAll((all) => all.filter((g) => g.open).length),
            said.length, "groups that say something are open");
        await browser.axe(page);
        await browser.shots(page, "migration-told");

        browser.step("some are changed, the others stay");
        await page.getByLabel("Name").fill("Typed");
        await page.getByLabel("Lanes in a mailbox").fill("3");
        await page.getByLabel("Leave out the archive").uncheck();
        await page.getByLabel("Delegates").check();
        await page.getByLabel("Not these folders").fill("Junk\n\n Spam ");
        await page.getByRole("button", { name: "Change it" }).click();
        await page.getByRole("heading", { name: "Typed" }).waitFor();
        await browser.tell("check");

        browser.step("what the service refuses stands beside its field");
        browser.expect(page, 422, "/api/v1/migrations/1");
        await page.getByLabel("No items larger than").fill("much");
        await page.getByRole("button", { name: "Change it" }).click();
        const large = page.getByLabel("No items larger than");
        await until("it is marked", async () =>
            await large.getAttribute("aria-invalid") !== null);
        await large.fill("");

        browser.step("somebody is faster: nothing typed is lost or sent");
        await page.getByLabel("Mailboxes at once").fill("7");
        await browser.tell("faster");
        const moved = page.getByText("Somebody has changed this while");
        await moved.waitFor();
        equal(await page.getByLabel("Mailboxes at once").inputValue(), "7", "typed");
        await browser.axe(page);
        browser.expect(page, 412, "/api/v1/migrations/1");
        await page.getByRole("button", { name: "Change it" }).click();
        await moved.waitFor();
        await browser.tell("kept");
        await page.getByRole("button", { name: "Keep mine over it" }).click();
        await moved.waitFor({ state: "detached" });
        await page.getByRole("button", { name: "Change it" }).click();
        await page.getByText("Changed. What runs hears").first().waitFor();
    },

    async add(browser, facts) {
        browser.step("a file with a fault: it is told, row by row");
        const page = await browser.open("/app/migrations/add",
            { expect: [REFUSED] });
        const file = (text) => ({ name: "users.csv", mimeType: "text/csv",
            buffer: Buffer.from(text) });
        await page.getByLabel("Name").fill("Contoso");
        for (const where of ["mail.old.example", "mail.new.example"]) {
            const n = where.includes("old") ? 0 : 1;
            await page.getByLabel("Address of OWA").nth(n)
                .fill(`https://${where}/owa`);
            await page.getByLabel("Administrative user").nth(n).fill("admin");
            await page.getByLabel("Their password").nth(n).fill("Secret-1");
        }
        await page.getByLabel("Import file (CSV)").setInputFiles(file(facts.bad));
        await page.getByRole("button", { name: "Make the migration" }).click();
        const faults = page.getByRole("list",
            { name: "Faults of the import file" });
        await faults.getByText(/ine 4/).first().waitFor();
        await browser.axe(page);
        await browser.shots(page, "migration-add");

        browser.step("without it");
        await page.getByLabel("Import file (CSV)").setInputFiles(file(facts.good));
        await page.getByRole("button", { name: "Make the migration" }).click();
        await page.getByText("2 mailboxes taken in").waitFor();

        browser.step("one row more");
        await page.getByRole("button", { name: "Add mailboxes…" }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("Import file (CSV)").setInputFiles(file(
            "Source Email,Destination Email\n" +
            "more@old.example,more@new.example\n"));
        await dialog.getByRole("button", { name: "Add them" }).click();
        await page.getByText("1 mailbox added").waitFor();
        await page.getByText("more@old.example").waitFor();
    },
});
