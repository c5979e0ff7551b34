// The console: staff sign in with password and second factor, see numbers, look somebody up with a reason.
import assert from "node:assert/strict";
import { visit, isAccessible, fits } from "../lib/browser.js";
import { OLIVE } from "../lib/portal.js";
import { signInStaff } from "../lib/staff.js";

const PAGES = ["", "/look-up", "/manifest", "/ledger"];

export const walks = {
  "staff sign in and see numbers with their tables, the manifest's changes and the log": async ({ browser, demo }) => {
    const { page, context, end } = await visit(browser, demo);
    await page.goto(`${demo.steward}/console/sign-in`);
    await isAccessible(page, "console sign-in");
    await signInStaff(page, context, demo, "anna");
    assert.ok((await page.locator("main svg[role=img], main figure svg").count()) >= 2, "charts");
    assert.ok((await page.locator("main table").count()) >= 2, "and their tables");
    await page.goto(`${demo.steward}/console/manifest`);
    assert.match(await page.locator("main").innerText(), /2/);
    await page.goto(`${demo.steward}/console/ledger`);
    assert.match(await page.locator("main").innerText(), /checkpoint/i);
    await end();
  },

  "support looks a customer up with a reason, and the customer's data is masked": async ({ browser, demo }) => {
    const { page, context, end } = await visit(browser, demo);
    await signInStaff(page, context, demo, "anna");
    await page.goto(`${demo.steward}/console/look-up`);
    await page.locator("[name=kind]").selectOption("email");
    await page.locator("[name=value]").fill(OLIVE);
    await page.locator("[name=purpose]").selectOption("order-fulfilment");
    await page.locator("[name=reason]").selectOption({ index: 1 }).catch(() => page.locator("[name=reason]").selectOption({ index: 0 }));
    await page.locator("[name=ticket]").fill("T-2026");
    await page.locator("main button[type=submit]").last().click();
    await page.waitForLoadState();
    const text = await page.locator("main").innerText();
    assert.match(text, /Olive/);
    assert.ok(!text.includes(OLIVE), "the address is masked");
    await isAccessible(page, "a looked-up customer");
    await end();
  },

  "the console's pages have no violation and fit": async ({ browser, demo }) => {
    for (const [theme, size] of [["light", [1280, 720]], ["dark", [320, 720]]]) {
      const { page, context, end } = await visit(browser, demo, { theme, size });
      await signInStaff(page, context, demo, "anna");
      for (const path of PAGES) {
        await page.goto(`${demo.steward}/console${path}`);
        assert.equal(await page.locator("h1").count(), 1, path);
        await isAccessible(page, `/console${path} ${theme}`);
        await fits(page, `/console${path}`);
      }
      await end();
    }
  },
};
