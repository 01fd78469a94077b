// Sign-in, accounts and settings, as operators use them.
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { join } from "node:path";

import { cases, check, equal, until } from "./lib.mjs";

/** RFC 6238 by Node's own HMAC. */
function totp(secret, at = Date.now() / 1000) {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const bits = [...secret.replaceAll(" ", "")]
        .map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
    const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(at / 30)));
    const digest = createHmac("sha1", key).update(step).digest();
    const value = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
    return String(value % 10 ** 6).padStart(6, "0");
}

const button = (where, name) => where.getByRole("button", { name });
const dialog = (page) => page.getByRole("dialog");
const said = (page, text) => page.getByText(text).first().waitFor();

/** An operator, by their row. */
async function disable(page, row) {
    await button(row, /^Disable/).click();
    await button(dialog(page), "Disable the operator").click();
    await button(row, /^Enable/).waitFor();
}

/** Say yes to what is asked about a contact. */
const decide = (page, deed) =>
    button(dialog(page), `${deed} the contact`).click();

/** Somebody else changes what the page shows. */
const somebody = (page, where, wish) => page.evaluate(
    ([path, body]) => fetch(`/api/v1${path}`, {
        method: "PATCH",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
    }), [where, wish]);

async function fill(where, fields) {
    for (const [label, value] of Object.entries(fields))
        await where.getByLabel(label, { exact: true }).fill(value);
}

async function signIn(page, name, password, code = "") {
    await page.getByRole("tab", { name: "Operator" }).click();
    await fill(page, {
        "Email address": name, "Password": password,
        "Code of the authenticator": code,
    });
    await button(page, "Sign in").click();
}

cases({
    async sign_in(browser, facts) {
        browser.step("what was not right is told");
        const page = await browser.open("/app/settings?tab=you",
            { as: "nobody", expect: [[401, "/api/v1/session"],
                [422, "/api/v1/session"]] });
        await signIn(page, facts.who, "wrong-password-1");
        await said(page, "That was not right.");
        await browser.axe(page);
        await browser.shots(page, "sign-in");

        browser.step("one is where one wanted to go");
        await signIn(page, facts.who, facts.password);
        await page.getByRole("heading", { name: "Your password" }).waitFor();
        await browser.axe(page);

        browser.step("an authenticator is set up");
        const part = page.getByRole("region", { name: "Your authenticator" });
        await part.getByLabel("Your password").fill(facts.password);
        await button(part, "Set one up").click();
        await part.getByRole("img").waitFor();
        await browser.axe(page);
        await browser.shots(page, "authenticator");
        const secret = await part.locator("code.secret").innerText();
        await part.getByLabel("Code that it shows now").fill("000000");
        await button(part, "Use it from now on").click();
        await said(part, "this is not the code");
        await part.getByLabel("Code that it shows now").fill(totp(secret));
        await button(part, "Use it from now on").click();
        await said(page, "You sign in with this authenticator from now on.");

        browser.step("the password is changed");
        const own = page.getByRole("region", { name: "Your password" });
        await fill(own, { "Old password": facts.password,
            "New password": facts.other, "New password again": "x" });
        await button(own, "Change the password").click();
        await said(own, "this is another one");
        await own.getByLabel("New password again").fill(facts.other);
        await button(own, "Change the password").click();
        await said(page, "Your password was changed.");

        browser.step("a session that ended says so, and comes back");
        await page.getByRole("tab", { name: "Your tokens" }).click();
        await page.getByText("No tokens yet").waitFor();
        await page.context().clearCookies();
        browser.expect(page, 401, "/api/v1/");
        await page.getByRole("tab", { name: "Operators" }).click();
        await said(page, "Your session has ended.");
        await browser.axe(page);
        await signIn(page, facts.who, facts.other,
            totp(secret, Date.now() / 1000 + 30));
        await page.getByRole("heading", { name: "Operators" }).waitFor();
        return { secret };
    },

    async picture(browser, facts) {
        browser.step("the offer");
        const page = await browser.open("/app/settings?tab=you");
        const part = page.getByRole("region", { name: "Your authenticator" });
        await part.getByLabel("Your password").fill(facts.password);
        await button(part, "Set one up").click();
        const picture = part.getByRole("img");
        await picture.waitFor();

        browser.step("it is read off the screen, light and dark, large and small");
        const read = {};
        for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme });
            for (const width of [1280, 390]) {
                await page.setViewportSize({ width, height: 844 });
                const name = `qr-${colorScheme}-${width}`;
                const path = join(browser.told.shots, `${name}.png`);
                await part.screenshot({ path });
                read[name] = execFileSync(facts.zbarimg,
                    ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path],
                    { encoding: "utf8" }).trimEnd();
            }
        }

        browser.step("what was read makes the codes");
        const [uri] = Object.values(read);
        const secret = new URL(uri).searchParams.get("secret");
        await part.getByLabel("Code that it shows now").fill(totp(secret));
        await button(part, "Use it from now on").click();
        await said(page, "You sign in with this authenticator from now on.");
        return { read };
    },

    async accounts(browser) {
        browser.step("an account is added");
        const page = await browser.open("/app/accounts",
            { expect: [[422, "/api/v1/accounts"], [422, "/api/v1/contacts"]] });
        await button(page, "Add an account").click();
        await button(dialog(page), "Add the account").click();
        await dialog(page).getByRole("textbox", { name: "Partner ID" })
            .and(page.locator("[aria-invalid]")).waitFor();
        await said(dialog(page), "This is needed.");
        await fill(dialog(page), { "Partner ID": "P-77", "Name": "Fabrikam",
            "Domain 1": "fabrikam.example" });
        await dialog(page).getByLabel("Verified").check();
        await button(dialog(page), "One more domain").click();
        await fill(dialog(page), { "Domain 2": "fabrikam.test" });
        await browser.axe(page);
        await browser.shots(page, "account-add");
        await button(dialog(page), "Add the account").click();
        await page.getByRole("heading", { name: "Fabrikam" }).waitFor();
        await said(page, "not verified");

        browser.step("a contact is added and changed");
        await said(page, "Nobody speaks for this account yet");
        await button(page, "Add a contact").click();
        await dialog(page).getByLabel("Email address")
            .fill("fay@fabrikam.example");
        await button(dialog(page), "Add the contact").click();
        await said(dialog(page), "roles");
        await dialog(page).getByLabel("Primary", { exact: true }).check();
        await browser.axe(page);
        await button(dialog(page), "Add the contact").click();
        const row = page.getByRole("row", { name: /fay@fabrikam/ });
        await row.waitFor();
        await button(row, /^Change/).click();
        await dialog(page).getByLabel("Technical").check();
        await dialog(page).getByLabel("Primary", { exact: true }).uncheck();
        await button(dialog(page), "Save the change").click();
        await row.getByText("Technical").waitFor();

        browser.step("it is disabled, and that is taken back");
        await button(row, /^Disable/).click();
        await dialog(page).getByText("can no longer sign in").waitFor();
        await browser.axe(page);
        await browser.shot(page, "contact-disable-light");
        await decide(page, "Disable");
        await row.getByText("disabled").waitFor();
        await button(page, "Undo").click();
        await button(row, /^Disable/).waitFor();
        await browser.axe(page);
        await browser.shots(page, "account");

        browser.step("none of it of what somebody else has changed meanwhile");
        browser.expect(page, 412, "/api/v1/contacts/1");
        const late = async (deed, done) => {
            await button(row, new RegExp(`^${deed}`)).click();
            await button(dialog(page), `${deed} the contact`).waitFor();
            await somebody(page, "/contacts/1", { name: `Fay, ${deed}d` });
            await decide(page, deed);
            await dialog(page).getByText("Somebody has changed it").waitFor();
            await browser.axe(page);
            await page.keyboard.press("Escape");
            await button(row, new RegExp(`^${deed}`)).click();
            await dialog(page).getByText(`${deed} Fay, ${deed}d?`).waitFor();
            await decide(page, deed);
            await done();
        };
        await late("Disable", () => button(row, /^Enable/).waitFor());
        await somebody(page, "/contacts/1", { name: "Fay" });
        await button(page, "Undo").last().click();
        await said(page, "It could not be taken back: somebody has changed it");
        await late("Enable", () => button(row, /^Disable/).waitFor());

        browser.step("and removed");
        await late("Remove", () => row.waitFor({ state: "detached" }));
        await said(page, "Nobody speaks for this account yet");

        browser.step("the account goes");
        await button(page, "Remove").click();
        await button(dialog(page), "Remove the account").click();
        await page.getByRole("heading", { name: "Accounts" }).waitFor();
    },

    async table(browser) {
        browser.step("faults stand at their rows");
        const page = await browser.open("/app/accounts",
            { expect: [[422, "/api/v1/accounts/import"]] });
        await button(page, "Take in a table").click();
        const text = dialog(page).getByLabel("Its text");
        await text.fill("Partner ID,Account,Email,Roles\n" +
            "P-1,One,anna@one.example,primary\nP-2,Two,nobody,king\n");
        await button(dialog(page), "Take it in").click();
        await said(dialog(page), "Nothing was written.");
        await said(dialog(page), "Line 3");
        await browser.axe(page);
        await browser.shots(page, "import-faults");

        browser.step("mended, it is taken in");
        await text.fill("Partner ID,Account,Email,Roles\n" +
            "P-1,One,anna@one.example,primary\n" +
            "P-2,Two,bill@two.example,technical\n");
        await button(dialog(page), "Take it in").click();
        await said(dialog(page), "2 accounts added, 2 contacts added.");
        await button(dialog(page), "Close").click();
        await page.getByRole("link", { name: "P-2" }).waitFor();
        await browser.axe(page);
        await browser.shots(page, "accounts");
        await page.getByRole("searchbox").fill("two");
        await until("one is found", async () => await page
            .getByRole("link", { name: /^P-/ }).count() === 1);
        check(page.url().endsWith("?find=two"), page.url());
    },

    async settings(browser) {
        browser.step("a token is shown once, and revoked");
        const page = await browser.open("/app/settings?tab=tokens");
        await button(page, "Make a token").click();
        await dialog(page).getByLabel("What it is for").fill("billing");
        await dialog(page).getByLabel("read the audit trail").check();
        await browser.axe(page);
        await browser.shots(page, "token-make");
        await button(dialog(page), "Make the token").click();
        await dialog(page).getByText("This is shown once").waitFor();
        const token = await dialog(page).locator("pre.secret").innerText();
        await browser.axe(page);
        await button(dialog(page), "I have it").click();
        const row = page.getByRole("row", { name: /billing/ });
        await row.getByText("in use").waitFor();
        const answer = () => fetchWith(page, token);
        equal(await answer(), 200, "the token");
        await browser.shots(page, "tokens");
        await button(row, /^Revoke/).click();
        await button(dialog(page), "Revoke the token").click();
        await row.getByText("revoked", { exact: true }).waitFor();

        browser.step("an operator is added and disabled");
        await page.getByRole("tab", { name: "Operators" }).click();
        await button(page, "Add an operator").click();
        await fill(dialog(page), { "Email address": "dora@example.com",
            "First password": "another-long-password" });
        await browser.axe(page);
        await button(dialog(page), "Add the operator").click();
        const dora = page.getByRole("row", { name: /dora@/ });
        browser.step("their authenticator is lost");
        await button(dora, /^Disable/).waitFor();
        equal(await button(dora, /authenticator/).count(), 0, "none yet");
        await browser.tell("enrol");
        await page.reload();
        await dora.getByText("in use").waitFor();
        await button(dora, /authenticator/).click();
        await dialog(page).getByText("cannot be taken back").waitFor();
        await browser.axe(page);
        await button(dialog(page), "Remove the authenticator").click();
        await dora.getByText("none", { exact: true }).waitFor();

        browser.step("they are disabled, unless somebody else was faster");
        await button(dora, /^Disable/).click();
        await dialog(page).getByText("can no longer sign in").waitFor();
        await browser.tell("faster");
        browser.expect(page, 412, "/api/v1/operators/3");
        await button(dialog(page), "Disable the operator").click();
        await dialog(page).getByText("Somebody has changed it").waitFor();
        await browser.axe(page);
        await page.keyboard.press("Escape");
        await disable(page, dora);
        await browser.axe(page);
        await browser.shots(page, "operators");

        browser.step("nor is that taken back, or are they enabled");
        await button(dora, /^Enable/).click();
        await dialog(page).getByText("can sign in again, as admin").waitFor();
        await browser.axe(page);
        await browser.tell("faster");
        await button(dialog(page), "Enable the operator").click();
        await dialog(page).getByText("Somebody has changed it").waitFor();
        await page.keyboard.press("Escape");
        await button(dora, /^Enable/).click();
        await button(dialog(page), "Enable the operator").click();
        await button(dora, /^Disable/).waitFor();
        await disable(page, dora);
        await somebody(page, "/operators/3", { role: "operator" });
        await button(page, "Undo").last().click();
        await page.getByText(/It could not be taken back: somebody has changed it/).waitFor();
        await button(dora, /^Enable/).click();
        await button(dialog(page), "Enable the operator").click();
        await button(dora, /^Disable/).waitFor();
        await disable(page, dora);
        await button(page, "Undo").last().click();
        await page.getByText("Taken back.").waitFor();
        await button(dora, /^Disable/).waitFor();
        await disable(page, dora);

        browser.step("the trail is filtered and verified");
        await page.getByRole("tab", { name: "Audit trail" }).click();
        await page.getByLabel("Did").fill("token");
        await page.getByRole("button", { name: "token.revoke" }).first()
            .waitFor();
        await page.waitForURL(/action=token/);
        await until("others are not there", async () => await page
            .getByText("operator.add", { exact: true }).count() === 0);
        await button(page, "Verify the trail").click();
        await said(page, "lines hold together");
        await browser.axe(page);
        await browser.shots(page, "trail");

        browser.step("the configuration says where it is from");
        await page.getByRole("tab", { name: "Configuration" }).click();
        await page.getByRole("searchbox").fill("limits.sign-in");
        await said(page, "option --limit-sign-in");
        await browser.axe(page);
        await page.getByRole("searchbox").fill("");
        await browser.shots(page, "configuration");
        await page.getByRole("tab", { name: "Prices" }).click();
        await said(page, "25.00 EUR");
        await browser.axe(page);
        await browser.shots(page, "prices");
    },

    async operator(browser) {
        browser.step("who is no admin sees who runs it, and no more");
        const page = await browser.open("/app/settings?tab=operators");
        await page.getByRole("row", { name: /alice@/ }).waitFor();
        equal(await button(page, "Add an operator").count(), 0, "add");
        equal(await button(page, /^Disable/).count(), 0, "disable");
    },
});

/** What the API says to a program with that token. */
async function fetchWith(page, token) {
    const got = await page.evaluate(async (held) => (await fetch(
        "/api/v1/audit", { credentials: "omit",
            headers: { Authorization: `Bearer ${held}` } })).status, token);
    return got;
}
