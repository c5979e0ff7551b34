// The customer's portal: sign in by the code from the mail page, see, choose, download, correct, delete.
import assert from "node:assert/strict";
import { visit, isAccessible, fits } from "../lib/browser.js";
import { OLIVE, ZOE, codeFor, signIn } from "../lib/portal.js";

const PAGES = ["", "/data", "/data/records", "/choices", "/recipients", "/history", "/download", "/erase"];

export const walks = {
  "known and unknown addresses see the same page": async ({ browser, demo }) => {
    const { page, end } = await visit(browser, demo);
    const seen = [];
    for (const address of ["nobody@mail.example", "marisol.alvarado@mail.example"]) {
      await page.goto(`${demo.steward}/portal/sign-in`);
      await isAccessible(page, "sign in");
      await page.locator("[name=email]").fill(address);
      await page.locator("main button[type=submit]").click();
      seen.push(await page.locator("main").innerText());
    }
    assert.equal(seen[0], seen[1]);
    await isAccessible(page, "code");
    await end();
  },

  "a customer signs in, sees what is held and how it was used, and turns a switch, without script": async ({ browser, demo }) => {
    const { page, end } = await visit(browser, demo, { script: false });
    await signIn(page, demo, OLIVE);
    await page.goto(`${demo.steward}/portal/data`);
    assert.match(await page.locator("main").innerText(), /Hartley/);
    await page.goto(`${demo.steward}/portal/history`);
    assert.ok((await page.locator(".timeline > li, tbody tr").count()) > 3);
    await page.goto(`${demo.steward}/portal/choices`);
    const first = page.locator("[role=switch]").first();
    const before = await first.getAttribute("aria-checked");
    await first.click();
    await page.waitForLoadState();
    assert.notEqual(await page.locator("[role=switch]").first().getAttribute("aria-checked"), before);
    await end();
  },

  "a customer's pages have no violation and fit, in both languages and themes": async ({ browser, demo }) => {
    for (const [theme, size, locale, who] of [["light", [1280, 720], "en", OLIVE], ["dark", [320, 720], "fr", ZOE]]) {
      const { page, end } = await visit(browser, demo, { theme, size, locale });
      await signIn(page, demo, who);
      for (const path of PAGES) {
        await page.goto(`${demo.steward}/portal${path}`);
        assert.equal(await page.locator("h1").count(), 1, path);
        await isAccessible(page, `/portal${path} ${theme} ${locale}`);
        await fits(page, `/portal${path}`);
      }
      await end();
    }
  },

  "a customer downloads everything as a page to read, as JSON and as CSV": async ({ browser, demo }) => {
    const { page, end } = await visit(browser, demo);
    await signIn(page, demo, OLIVE);
    await page.goto(`${demo.steward}/portal/download`);
    const forms = await page.locator('main button[name="form"]').evaluateAll((list) => list.map((button) => button.value));
    assert.ok(forms.length >= 3, forms.join(" "));
    for (const form of new Set(forms)) {
      const coming = page.waitForEvent("download");
      await page.locator(`main button[name="form"][value="${form}"]`).first().click();
      const file = await coming;
      assert.equal(await file.failure(), null);
      assert.match(file.suggestedFilename(), /\.(json|csv|html|zip)$/);
    }
    await end();
  },

  "a customer corrects a value, then deletes everything and is signed out": async ({ browser, demo }) => {
    const address = "jorg.weisgerber@mail.example";
    const { page, end } = await visit(browser, demo);
    await signIn(page, demo, address);
    await page.goto(`${demo.steward}/portal/data`);
    await page.locator('main a[href^="/portal/data/"]').first().click();
    await isAccessible(page, "correct");
    const field = page.locator("main input[type=text], main input:not([type])").first();
    await field.fill("Jürgen");
    await page.locator("main button[type=submit]").first().click();
    await page.goto(`${demo.steward}/portal/data`);
    assert.match(await page.locator("main").innerText(), /Jürgen/);

    await page.goto(`${demo.steward}/portal/erase`);
    assert.match(await page.locator("main").innerText(), /stay|keep|kept/i);
    await page.locator("main button[type=submit]").first().click();
    await page.locator("[name=code]").fill(await codeFor(page, demo, address));
    await isAccessible(page, "erase with a code");
    await page.locator("main button[type=submit]").last().click();
    // The number of the entry that records it.
    await page.locator("main .mono").waitFor();
    await isAccessible(page, "erased");
    await page.goto(`${demo.steward}/portal/data`);
    assert.ok(!(await page.locator("main").innerText()).includes("Jürgen"), "nobody is signed in any more");
    await end(/40[0-9]/);
  },
};
