// The first operator, from nothing to a finished trial run.
import { cases, check } from "./lib.mjs";

cases({
    async trial(browser, facts) {
        browser.step("where there is nothing, the first page leads there");
        const page = await browser.open("/app");
        await page.getByRole("link", { name: "Try it without an Exchange" })
            .click();
        await page.getByRole("heading", { name: "Try it without an Exchange" })
            .waitFor();
        await browser.axe(page);
        check(await page.getByRole("button", { name: "Start the trial" })
            .isDisabled(), "it can be started without files");

        browser.step("one of the two files is not enough");
        const input = page.getByLabel("The files env and import-passwords.csv");
        await input.setInputFiles([facts.file]);
        await page.getByText("Choose both files together").waitFor();

        browser.step("both, and the labs answer");
        await input.setInputFiles([facts.env, facts.file]);
        await page.getByText("Both labs answer. The file names 2 mailboxes.")
            .waitFor();

        browser.step("the mailboxes are moved");
        await page.getByRole("button", { name: "Start the trial" }).click();
        await page.getByRole("heading", { name: "4. Move the mailboxes: done" })
            .waitFor();

        browser.step("and verified");
        await page.getByText("Everything is there.").waitFor();
        await page.getByRole("heading", { name: "5. The proof: done" })
            .waitFor();
        await browser.axe(page);
        await browser.shots(page, "start");
    },
});
