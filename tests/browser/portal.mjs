// The portal of a contact.
import { cases, check, equal, tabTo, until } from "./lib.mjs";

const button = (page, name) => page.getByRole("button", { name });
const heading = (page, name) => page.getByRole("heading", { name });

/** The mouse is never used: lead there, then press. */
async function press(page, target, key = "Enter") {
    await target.waitFor();
    await tabTo(page, target);
    await page.keyboard.press(key);
}

async function type(page, label, text) {
    const field = page.getByLabel(label, { exact: true });
    await field.waitFor();
    await tabTo(page, field);
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
}

async function give(page, path) {
    const chosen = page.waitForEvent("filechooser");
    await press(page, button(page, "Choose a file"));
    await (await chosen).setFiles(path);
}

/** How many of each role a screen reader finds in that part, on a phone. */
async function heardOnPhone(page, name) {
    const usual = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    const session = await page.context().newCDPSession(page);
    const { root } = await session.send("DOM.getDocument");
    const { nodeId } = await session.send("DOM.querySelector",
        { nodeId: root.nodeId, selector: `[aria-label="${name}"]` });
    const found = {};
    for (const role of ["row", "columnheader", "cell"]) {
        const { nodes } = await session.send("Accessibility.queryAXTree",
            { nodeId, role });
        found[role] = nodes.filter((node) => !node.ignored).length;
    }
    await session.detach();
    await page.setViewportSize(usual);
    return found;
}

/** It was led to the heading, and the window's title tells it, too. */
async function isLedTo(page, name, title) {
    const h = heading(page, name);
    await h.waitFor();
    await until(`the focus is at "${name}"`, () =>
        h.evaluate((e) => e === document.activeElement));
    await until(`the title has "${title}"`, async () =>
        (await page.title()).startsWith(`${title} · `));
}

/** Nothing is wider than the page. */
async function fits(page, what) {
    // what is too wide makes a phone's innerWidth wider, too
    const wide = await page.evaluate(() =>
        document.documentElement.scrollWidth) - page.viewportSize().width;
    check(wide <= 0, `${what} is ${wide} px too wide`);
}

cases({
    async wizard(browser, facts) {
        browser.step("the first page, with nothing there yet");
        const page = await browser.open("/app");
        await page.getByText("No migration is under way").waitFor();
        await browser.axe(page);
        await browser.shots(page, "portal-empty");
        await press(page, page.getByRole("link", { name: "New migration" }));

        browser.step("the domain");
        await heading(page, "Which domain is to be migrated?").waitFor();
        const domain = page.getByLabel("Domain");
        await domain.waitFor();
        await browser.axe(page);
        await tabTo(page, domain);
        await page.keyboard.type("contoso");
        await page.keyboard.press("Enter");
        equal(await domain.inputValue(), "contoso.example", "chosen");
        if (!/step=server/.test(page.url())) await press(page, button(page, "Next"));

        browser.step("an address where nothing is");
        await heading(page, "Where do users read their mail now?").waitFor();
        const number = page.url().match(/requests\/(\d+)\//)[1];
        await type(page, "OWA address", "https://127.0.0.1:1/owa");
        await page.getByText("No Exchange could be reached there.").waitFor();
        await browser.axe(page);
        await browser.shots(page, "wizard-server-lost");

        browser.step("the right one, looked at while it is typed");
        await type(page, "OWA address", facts.url);
        await page.getByText(/^Exchange answers at/).waitFor();
        await browser.shots(page, "wizard-server");
        await page.keyboard.press("Enter");

        browser.step("a file with faults");
        await isLedTo(page, "Which mailboxes?", "Mailboxes");
        await give(page, facts.bad);
        await page.getByText(/^Of \d+ rows \d+ can be used/).waitFor();
        const cells = await page.locator("tbody tr").allInnerTexts();
        check(cells.some((text) => /^5\s/.test(text)), `rows: ${cells}`);
        await browser.axe(page);
        await browser.shots(page, "wizard-file-faults");
        equal(await heardOnPhone(page, "faults in the file"),
            { row: 5, columnheader: 3, cell: 12 }, "cards are read as a table");

        browser.step("the corrected one");
        await give(page, facts.good);
        await page.getByText("3 mailboxes, and no faults.").waitFor();
        await browser.shots(page, "wizard-file");
        await press(page, button(page, "Next"));

        browser.step("wrong credentials");
        await heading(page, "An account that may open the mailboxes").waitFor();
        browser.expect(page, 422, "/credentials");
        await type(page, "User name", facts.user);
        await type(page, "Password", "not-the-password");
        await page.keyboard.press("Enter");
        await page.getByRole("alert").waitFor();
        await browser.axe(page);
        await browser.shots(page, "wizard-credentials-refused");

        browser.step("the right ones");
        await type(page, "Password", facts.password);
        await page.keyboard.press("Enter");
        await page.getByText("They work:").waitFor();
        equal(await page.getByLabel("Password").inputValue(), "",
            "it is not kept on the page");
        await browser.shots(page, "wizard-credentials");
        await press(page, button(page, "Next"));

        browser.step("the dates, the wrong way round");
        await isLedTo(page, "When would you like it?", "Dates");
        const cutover = page.getByLabel(/^Cutover/);
        await tabTo(page, page.getByLabel("Start, not before"));
        await page.keyboard.type("06062099");
        await tabTo(page, cutover);
        await page.keyboard.type("04042099");
        await press(page, button(page, "Next"));
        await until("the focus is where it has to be mended", () =>
            cutover.evaluate((e) => e === document.activeElement));
        for (let i = 0; i < 3; i++) {
            await page.keyboard.press("Delete");
            await page.keyboard.press("Tab");
        }

        browser.step("the dates");
        // the same in each order of day and month
        await tabTo(page, page.getByLabel("Start, not before"));
        await page.keyboard.type("05052099");
        await browser.axe(page);
        await browser.shots(page, "wizard-dates");
        await press(page, button(page, "Next"));

        browser.step("the review");
        await heading(page, "Review").waitFor();
        await page.getByText("Everything is there.").waitFor();
        await page.getByText("5 May 2099").waitFor();
        await browser.axe(page);
        await browser.shots(page, "wizard-review");

        browser.step("back, and nothing is lost");
        await press(page, page.getByRole("link",
            { name: "Change Current server" }));
        const url = page.getByLabel("OWA address", { exact: true });
        await url.waitFor();
        equal(await url.inputValue(), facts.url, "what was typed");
        await page.reload();
        await url.waitFor();
        equal(await url.inputValue(), facts.url, "after a reload");
        await page.goBack();
        await heading(page, "Review").waitFor();
        return { number };
    },

    async follows(browser, facts) {
        browser.step("a contact looks at a request and the list");
        const request = await browser.open(`/app/requests/${facts.number}`,
            { as: "tom" });
        const list = await browser.open("/app", { as: "tom" });
        for (const page of [request, list])
            await page.getByText("quoted", { exact: true }).first().waitFor();

        browser.step("a colleague cancels it, and both pages say so");
        const bill = await browser.open("/app", { as: "bill" });
        const status = await bill.evaluate(async (number) =>
            (await fetch(`/api/v1/requests/${number}/actions`, {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify({ action: "cancel" }),
            })).status, facts.number);
        equal(status, 204, "cancelled");
        for (const page of [request, list])
            await page.getByText("cancelled", { exact: true }).first()
                .waitFor();
    },

    async approve(browser, facts) {
        browser.step("the quote, line by line");
        const page = await browser.open(
            `/app/requests/${facts.number}/setup?step=review`);
        await page.getByText("Mailboxes 11 to 12").waitFor();
        await browser.axe(page);
        await browser.shots(page, "wizard-quote");

        browser.step("asked once more, and left");
        const approve = button(page, "Approve for 290.00 EUR");
        await press(page, approve);
        await page.getByRole("dialog").waitFor();
        await browser.axe(page);
        await browser.shots(page, "portal-confirm");
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "hidden" });
        await until("the focus is where it was", () =>
            approve.evaluate((e) => e === document.activeElement));

        browser.step("approved");
        await page.keyboard.press("Enter");
        await press(page, page.getByRole("dialog")
            .getByRole("button", { name: "Approve for 290.00 EUR" }));
        await page.getByText("This request has gone on").waitFor();
        await press(page, page.getByRole("link",
            { name: "See how it stands." }));
        await page.getByText(/^Approved\. We look for/).waitFor();
        await browser.axe(page);
        await browser.shots(page, "portal-approved");
    },

    async roles(browser, facts) {
        browser.step("a Technical Contact looks");
        const tom = await browser.open("/app", { as: "tom" });
        await heading(tom, "Your migrations").waitFor();
        await tom.getByText("0.acme.example").waitFor();
        equal(await tom.getByRole("link", { name: "New migration" }).count(),
            0, "offers a new one");
        await tom.goto(`/app/requests/${facts.quoted}`);
        await tom.getByText("Mailboxes 11 to 12").waitFor();
        await tom.getByText(/A managed migration is billable/).waitFor();
        await browser.axe(tom);
        await browser.shots(tom, "portal-technical");
        for (const number of Object.values(facts)) {
            await tom.goto(`/app/requests/${number}`);
            await tom.getByRole("tablist").waitFor();
            equal(await button(tom,
                /Approve|Cancel|users have moved|another quote/).count(), 0,
            `buttons of ${number}`);
        }
        await tom.goto("/app/new");
        await heading(tom, "Not here").waitFor();

        browser.step("and is refused all the same");
        browser.expect(tom, 403, "/api/v1/requests");
        const said = await tom.evaluate(async (number) => {
            const got = await fetch(`/api/v1/requests/${number}/actions`, {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify({ action: "approve" }),
            });
            return { status: got.status, ...(await got.json()) };
        }, facts.quoted);
        equal(said.status, 403, "the API");
        check(/billable/.test(said.detail), said.detail);

        browser.step("a Primary Billing Contact is offered it");
        const bill = await browser.open(`/app/requests/${facts.quoted}`,
            { as: "bill" });
        await button(bill, "Approve for 290.00 EUR").waitFor();
        await button(bill, "Cancel the migration").waitFor();
        await bill.goto(`/app/requests/${facts.expired}`);
        await button(bill, "Ask for another quote").waitFor();

        browser.step("users have moved");
        await bill.goto(`/app/requests/${facts.ready_for_cutover}`);
        await press(bill, button(bill, "Our users have moved"));
        await browser.axe(bill);
        await press(bill, bill.getByRole("dialog")
            .getByRole("button", { name: "Our users have moved" }));
        await bill.getByText(/^Your users have moved\./).waitFor();
        await browser.shots(bill, "portal-request");
        for (const [tab, text] of [["Timeline", "bill@acme.example"],
            ["Messages", "No mail yet"], ["Documents", "Invoice lines"],
            ["Mailboxes", "Not counted yet"]]) {
            await bill.getByRole("tab", { name: tab }).click();
            await bill.getByText(text).first().waitFor();
            await browser.axe(bill);
        }

        browser.step("the help is a click away, and how each has ended is told");
        await bill.getByRole("link", { name: "Help" }).click();
        await isLedTo(bill, "Help", "Help");
        await browser.axe(bill);
        await browser.shots(bill, "portal-help");
        await bill.goto(`/app/requests/${facts.refused}`);
        await bill.getByText("they are no customer of yours.").waitFor();
        await browser.axe(bill);
        await browser.shots(bill, "portal-refused");

        browser.step("a day is the same one wherever it is read");
        for (const zone of ["America/Los_Angeles", "Pacific/Auckland"]) {
            const far = await browser.open(`/app/requests/${facts.scheduled}`,
                { as: "bill", zone });
            await far.getByText(/^It begins on Thu, 1 Jan 2099\./).waitFor();
        }

        await bill.goto(`/app/requests/${facts.quoted}?tab=timeline`);
        await bill.getByText("A note was made").waitFor();
        equal(await bill.getByText("they pay late").count(), 0,
            "notes are the operators'");
    },

    async held(browser, facts) {
        const told = "Other credentials are needed";
        browser.step("the first page says what is to be done");
        const page = await browser.open("/app", { as: "anna" });
        await page.getByText("we need other credentials").waitFor();
        await page.getByRole("link", { name: "Give other credentials" })
            .waitFor();

        browser.step("and so does the request's");
        await press(page, page.getByRole("link", { name: "acme.example" }));
        await heading(page, told).waitFor();
        await page.getByText("the server refuses them").waitFor();
        await page.getByText("check the user name and the password").waitFor();
        await browser.axe(page);
        await browser.shots(page, "portal-held");
        await press(page, page.getByRole("link",
            { name: "Give other credentials" }));
        await heading(page, "An account that may open the mailboxes").waitFor();
        await page.getByLabel("User name").waitFor();
        equal(await page.getByLabel("User name").inputValue(),
            "administrator@acme.example", "user name");
        await browser.axe(page);

        browser.step("nothing else is changed of it");
        const setup = await browser.open(
            `/app/requests/${facts.number}/setup`, { as: "anna" });
        await setup.getByText("This request has gone on").waitFor();

        browser.step("a Technical Contact reads it");
        const toms = await browser.open(`/app/requests/${facts.number}`,
            { as: "tom" });
        await heading(toms, told).waitFor();
        equal(await toms.getByRole("link",
            { name: "Give other credentials" }).count(), 0, "links");
    },

    async days(browser, facts) {
        const path = `/app/requests/${facts.number}`;

        browser.step("who may not is not asked");
        const tom = await browser.open(path, { as: "tom" });
        await tom.getByText("It begins on Tue, 5 May 2099.").waitFor();
        equal(await button(tom, "Change the days").count(), 0, "buttons");

        browser.step("a day that is full");
        const page = await browser.open(path, { as: "anna", size: "phone" });
        await press(page, button(page, "Change the days"));
        const dialog = page.getByRole("dialog");
        const start = dialog.getByLabel("Start");
        await button(dialog, "Wed, 6 May 2099").waitFor();
        await tabTo(page, start);
        await page.keyboard.type("06062099");
        await dialog.getByText("There is no room on that day; the next with " +
            "room is Sun, 7 Jun 2099.").waitFor();
        await fits(page, "the dialog");
        await browser.axe(page);
        await browser.shot(page, "phone-days-full");
        await press(page, button(dialog, "Begin on Sat, 6 Jun 2099"));
        await until("the focus is where it has to be mended", () =>
            start.evaluate((e) => e === document.activeElement));

        browser.step("the API refuses it, whatever a page offers");
        browser.expect(page, 409, "/actions");
        const said = await page.evaluate(async (number) => {
            const got = await fetch(`/api/v1/requests/${number}/actions`, {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify({ action: "schedule",
                    start: "2099-06-06" }),
            });
            return { status: got.status, ...(await got.json()) };
        }, facts.number);
        equal([said.status, said.detail], [409, "there is no room on " +
            "2099-06-06; the next day with room is 2099-06-07"], "the API");

        browser.step("one of those that have room, and cutover after it");
        await press(page, button(dialog, "Sun, 7 Jun 2099").first());
        await tabTo(page, dialog.getByLabel(/^Cutover/));
        await page.keyboard.type("07072099");
        await browser.axe(page);
        await browser.shot(page, "phone-days");
        await press(page, button(dialog, "Begin on Sun, 7 Jun 2099"));
        await dialog.waitFor({ state: "hidden" });
        await page.getByText(/^It begins on Sun, 7 Jun 2099\. Nothing/)
            .waitFor();
    },

    async owners(browser, facts) {
        const path = `/app/requests/${facts.number}`;
        const anew = "Send a new link to late@old.example";

        browser.step("who may not ask them sees who is waited for");
        const tom = await browser.open(path, { as: "tom" });
        await tom.getByText(/late@old\.example, for the current server: has /)
            .waitFor();
        equal(await button(tom, /new link/).count(), 0, "buttons");

        browser.step("who may asks one anew");
        const page = await browser.open(path, { as: "anna", size: "phone" });
        await page.getByText(/later@old\.example.*will be asked/).waitFor();
        equal(await button(page, /new link/).count(), 1,
            "of those who were asked");
        equal(await page.getByText(/8@old\.example/).count(), 0, "the last");
        await press(page, button(page, "Show all 11"));
        await page.getByText(/8@old\.example/).waitFor();
        await fits(page, "the list");
        await browser.axe(page);
        await browser.shots(page, "portal-owners");
        await press(page, button(page, anew));
        await browser.axe(page);
        await press(page, page.getByRole("dialog")
            .getByRole("button", { name: "Send it" }));
        await page.getByText(/late@old\.example.*the link works until/)
            .waitFor();
    },

    async ask(browser) {
        browser.step("no address");
        const page = await browser.open("/app", { as: "nobody",
            expect: [[422, "/api/v1/links"], [400, "/api/v1/links"]] });
        const address = page.getByLabel("Your mail address");
        await type(page, "Your mail address", "anna");
        await press(page, button(page, "Send me a link"));
        await until("the focus is where it has to be mended", () =>
            address.evaluate((e) => e === document.activeElement &&
                e.ariaInvalid === "true"));
        await browser.axe(page);

        browser.step("a link is asked for");
        await type(page, "Your mail address", "anna@acme.example");
        await browser.axe(page);
        await browser.shots(page, "portal-sign-in");
        await page.keyboard.press("Enter");
        await page.getByText(/a mail with a link is on its way/).waitFor();
        await browser.axe(page);
    },

    async enter(browser, facts) {
        browser.step("its button leads to the portal");
        const page = await browser.open(facts.path, { as: "nobody" });
        await press(page, button(page, "Sign in"));
        await heading(page, "Your migrations").waitFor();
        await page.getByText("Signed in as anna@acme.example.").waitFor();
    },

    async phone(browser, facts) {
        for (const [name, path, text] of [
            ["home", "/app", "q.acme.example"],
            ["new", "/app/new", "Which domain"],
            ["request", `/app/requests/${facts.quoted}`, "Mailboxes 11 to 12"],
            ["done", `/app/requests/${facts.done}`, "Done: everything"],
            ["help", "/app/help", "Planning the weekend"],
            ...["domain", "server", "file", "credentials", "dates", "review"]
                .map((step) => [step,
                    `/app/requests/${facts.open}/setup?step=${step}`, null]),
        ]) {
            browser.step(name);
            const page = await browser.open(path, { size: "phone" });
            await heading(page, /./).first().waitFor();
            if (text) await page.getByText(text).first().waitFor();
            else await page.locator(".step h2").waitFor();
            await fits(page, name);
            for (const one of await page.locator(".quote tfoot td.number,"
                + " [role=tab]").all()) {
                const { x, width } = await one.boundingBox();
                check(x >= 0 && x + width <= 390,
                    `"${await one.innerText()}" of ${name} is out of sight`);
            }
            await browser.axe(page);
            await browser.shot(page, `phone-${name}`);
            await page.close();
        }
    },
});
