// Operators' requests: the board, one request, the tray.
import { cases, check, equal, until } from "./lib.mjs";

const dialog = (page) => page.getByRole("dialog");
const press = (where, name) =>
    where.getByRole("button", { name, exact: true }).click();

cases({
    async board(browser, facts) {
        browser.step("a card in the column of its state");
        const page = await browser.open("/app/requests");
        const column = page.getByRole("region", { name: /^quoted: / });
        const card = column.getByRole("listitem")
            .filter({ hasText: "late.example" });
        await card.getByText("approval of the quote").waitFor();
        await card.getByText("overdue").waitFor();
        await browser.axe(page);
        const board = page.getByRole("region", { name: "Board by state" });
        equal(await board.evaluate((b) => b.scrollWidth - b.clientWidth), 0,
            "what of the board is out of sight");
        await browser.shots(page, "requests-board");

        browser.step("what is overdue alone");
        await press(page, "Overdue alone");
        await page.getByText("fine.example").waitFor({ state: "detached" });
        check(page.url().endsWith("?late=1"), page.url());
        await press(page, "All, not only overdue");

        browser.step("as a table, whose state is in the URL");
        await press(page, "As a table");
        await page.getByLabel("State").selectOption("closed");
        await page.getByRole("cell", { name: "over.example" }).waitFor();
        await browser.axe(page);
        await page.getByLabel("State").selectOption("");
        await page.getByRole("cell", { name: "fine.example" }).waitFor();
        await page.getByRole("button", { name: "Domain" }).click();
        const domains = await page.locator("tbody tr td:nth-child(2)")
            .allInnerTexts();
        equal(domains, [...domains].sort(), "in the order of domains");
        await browser.shots(page, "requests-table");
        const same = await browser.open(new URL(page.url()).pathname +
            new URL(page.url()).search);
        await same.getByRole("columnheader", { name: /Domain/ }).waitFor();
        equal(await same.locator("tbody tr td:nth-child(2)").allInnerTexts(),
            domains, "the URL says it all");

        browser.step("it is live");
        await page.goto("/app/requests");
        await column.getByText("late.example").waitFor();
        const other = await browser.open(`/app/requests/${facts.late}`);
        await press(other, "Cancel it");
        await press(dialog(other), "Cancel it");
        await column.getByText("late.example").waitFor({ state: "detached" });
    },

    async request(browser, facts) {
        browser.step("checklist and what it waits for");
        const page = await browser.open(`/app/requests/${facts.number}`);
        const list = page.getByRole("region", { name: "Checklist" });
        await list.getByText("missing").first().waitFor();
        await page.getByText("what is missing").first().waitFor();

        browser.step("a mail is read as text");
        await press(page, "Read: Managed Migration Request");
        await page.getByText("<b>Hello</b>").waitFor();
        equal(await page.locator("b").count(), 0, "no tag of a mail");
        await browser.axe(page);
        await browser.shots(page, "request");

        browser.step("a note");
        await press(page, "Note");
        await press(dialog(page), "Note it");
        await page.getByText("There is nothing to note.").waitFor();
        await dialog(page).getByLabel("Note").fill("they called");
        await press(dialog(page), "Note it");
        await page.getByRole("tab", { name: "History" }).click();
        await page.getByText("they called").waitFor();
        await browser.axe(page);
        await browser.shots(page, "request-history");

        browser.step("nothing is refused without a reason");
        await press(page, "Refuse");
        await dialog(page).getByText("anna@acme.example").waitFor();
        await dialog(page).getByText("destroyed for ever").waitFor();
        await browser.axe(page);
        await browser.shot(page, "request-refuse");
        await press(dialog(page), "Refuse");
        await page.getByText("The reason is missing.").waitFor();
        await dialog(page).getByLabel("Why").fill("no such domain");
        await press(dialog(page), "Refuse");
        await page.getByRole("heading", { name: /refused/ }).waitFor();

        browser.step("its letter is in the conversation, and opens nothing");
        await page.getByRole("tab", { name: "Conversation" }).click();
        const letter = page.getByRole("listitem")
            .filter({ hasText: "To anna@acme.example" });
        await letter.getByRole("button", { name: /^Read/ }).click();
        await letter.getByText("no such domain").waitFor();
        check(!(await page.content()).includes("mfl_"), "a link");
    },

    async days(browser, facts) {
        browser.step("the quote line by line");
        const page = await browser.open(`/app/requests/${facts.quoted}?tab=quote`);
        await page.getByRole("cell", { name: "Mailboxes 11 to 12" }).waitFor();
        await page.getByText("290.00 EUR").waitFor();
        await browser.axe(page);
        await browser.shots(page, "request-quote");
        browser.step("approved by hand, then given a day");
        await press(page, "Approve by hand");
        await dialog(page).getByLabel(/^Who has agreed/).fill("by telephone");
        await press(dialog(page), "Approve by hand");
        await press(page, "Set the days");
        await dialog(page).getByLabel("First day").fill("2099-01-05");
        await press(dialog(page), "Set the days");
        await page.getByRole("heading", { name: /scheduled/ }).waitFor();
        await page.getByText("5 Jan 2099").first().waitFor();
    },

    async changed(browser, facts) {
        browser.step("somebody else was faster");
        const page = await browser.open(`/app/requests/${facts.number}`);
        await page.route("**/api/v1/requests/*/actions", (route) =>
            route.continue({ headers: { ...route.request().headers(),
                "if-match": '"v999"' } }));
        await press(page, "Cancel it");
        browser.expect(page, 412, "/actions");
        await press(dialog(page), "Cancel it");
        await dialog(page).getByRole("alert").waitFor();
        await press(dialog(page), "Leave it as it is");
        await dialog(page).waitFor({ state: "detached" });
    },

    async owners(browser, facts) {
        browser.step("whose password is waited for, and since when");
        const page = await browser.open(
            `/app/requests/${facts.number}?tab=owners`);
        const row = (name) => page.getByRole("row", { name });
        await row(/^late@old\.example the source expired/).waitFor();
        await row(/^wrong@old\.example the source refused/).waitFor();
        await row(/^quick@old\.example the source waiting/).waitFor();
        await row(/^later@new\.example the destination not asked/).waitFor();
        equal(await page.getByRole("button", { name: /later@/ }).count(), 0,
            "links for who was not asked");
        await browser.axe(page);
        await browser.shots(page, "request-owners");

        browser.step("one is asked anew");
        await press(page, "New link for late@old.example");
        await dialog(page).getByText("goes to late@old.example").waitFor();
        await browser.axe(page);
        await press(dialog(page), "Send it");
        await row(/^late@old\.example the source waiting/).waitFor();

        browser.step("and each whose link opens nothing");
        await press(page, "New links for 1 owner");
        await press(dialog(page), "Send it");
        await row(/^wrong@old\.example the source waiting/).waitFor();
        equal(await page.getByRole("button", { name: /^New links/ }).count(),
            0, "nobody is left");
    },

    async tray(browser, facts) {
        browser.step("a mail is read");
        const page = await browser.open("/app/tray");
        await press(page, "Read: our move");
        await page.getByText("<script>alert(1)</script>").waitFor();
        await browser.axe(page);
        await browser.shots(page, "tray");

        browser.step("placed with a request");
        await press(page, "Place: our move");
        await press(dialog(page), "Place it");
        await page.getByText("Choose the request.").waitFor();
        await dialog(page).getByLabel("Request").selectOption(
            String(facts.number));
        await browser.axe(page);
        await browser.shot(page, "tray-place");
        await press(dialog(page), "Place it");
        await page.getByRole("button", { name: "Read: our move" })
            .waitFor({ state: "detached" });

        browser.step("put aside");
        await press(page, "Put aside: buy now");
        await press(dialog(page), "Put it aside");
        await page.getByRole("button", { name: "Read: buy now" })
            .waitFor({ state: "detached" });

        browser.step("a new request");
        await press(page, "New request: please help");
        await dialog(page).getByLabel("Find a contact").fill("acme");
        const whom = dialog(page).getByLabel("For whom");
        await until("contacts", async () =>
            (await whom.locator("option").count()) === 3);
        const texts = await whom.locator("option").allInnerTexts();
        check(!texts.join().includes("tom@"), "a Technical Contact");
        await whom.selectOption(texts.find((t) => t.includes("bill@")));
        await browser.axe(page);
        await press(dialog(page), "Open the request");
        await page.getByRole("heading", { name: /awaiting information/ })
            .waitFor();
        const made = page.url();

        browser.step("an empty tray says so");
        await page.goto("/app/tray");
        await page.getByText("The tray is empty").waitFor();

        browser.step("what is unsure gets its word");
        await page.getByRole("tab", { name: "Did not go out" }).click();
        await press(page, "It arrived");
        await browser.axe(page);
        await browser.shots(page, "tray-out");
        await press(dialog(page), "It arrived");
        await page.getByText("Nothing is stuck").waitFor();
        return { made };
    },

    async technical(browser) {
        browser.step("who is no operator has none of these pages");
        for (const path of ["/app/requests", "/app/tray"]) {
            const page = await browser.open(path);
            await page.getByRole("heading", { level: 1 }).waitFor();
            equal(await page.getByRole("link", { name: "Tray" }).count(), 0,
                "navigation");
            equal(await page.getByRole("button", { name: "As a table" })
                .count(), 0, "the board");
        }
    },
});
