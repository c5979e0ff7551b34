// The banner and the preference page, held to docs' consent rules (the numbers are theirs).
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { visit, isAccessible, fits } from "../lib/browser.js";
import { answerBanner } from "../lib/pages.js";

const choice = async (context) => (await context.cookies()).find((cookie) => cookie.name === "choice");
const visitorOf = (cookie) => cookie.value.split(".")[1];

/** What stands on a surface, in its order: every said text on a line, as the server hashes it. */
const said = (place) =>
  place.evaluate((root) => [...root.querySelectorAll(".notice strong, h1, .page-head p, [data-said]")].map((part) => part.textContent.trim().replace(/\s+/g, " ")).join("\n"));

const buttons = (page) =>
  page.evaluate(() =>
    ["refuse", "accept"].map((value) => {
      const button = document.querySelector(`[name="choice"][value="${value}"]`);
      const { width, height, top, bottom } = button.getBoundingClientRect();
      const style = getComputedStyle(button);
      const look = ["fontSize", "fontWeight", "borderWidth", "borderColor", "padding", "color", "backgroundColor", "opacity"];
      return { tag: button.tagName, width, height, top, bottom, look: look.map((name) => style[name]).join(" | ") };
    }),
  );

export const walks = {
  "before a choice nothing is stored and nothing optional is asked for (1, 3, 21)": async ({ browser, demo }) => {
    const { page, context, requests, end } = await visit(browser, demo);
    await page.goto(`${demo.shop}/item/rain`);
    await page.mouse.wheel(0, 2000);
    await page.keyboard.press("Escape");
    await page.mouse.click(5, 600);
    await page.locator("nav a").nth(1).click();
    assert.deepEqual(await context.cookies(), [], "a cookie before a choice");
    const stored = await page.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length]);
    assert.deepEqual(stored, [0, 0, 0, 0]);
    assert.ok(!requests.some((path) => path.startsWith("/count")), "statistics before a yes");
    assert.ok(await page.locator(".stw-banner form").isVisible(), "the banner stays until it is answered");
    await end();
  },

  "yes and no are equal in kind, size and look, and in sight at every size (4 to 9)": async ({ browser, demo }) => {
    for (const theme of ["light", "dark"]) {
      for (const size of [[320, 568], [360, 640], [1280, 720], [640, 360], [320, 180]]) {
        for (const locale of ["en", "fr"]) {
          const { page, end } = await visit(browser, demo, { size, theme, locale });
          await page.goto(`${demo.shop}/`);
          const [refuse, accept] = await buttons(page);
          const where = `${size} ${theme} ${locale}`;
          assert.equal(refuse.tag, "BUTTON", where);
          assert.equal(accept.tag, "BUTTON", where);
          assert.equal(refuse.look, accept.look, where);
          assert.ok(Math.abs(refuse.width - accept.width) <= 1 && Math.abs(refuse.height - accept.height) <= 1, where);
          for (const button of [refuse, accept]) {
            assert.ok(button.top >= 0 && button.bottom <= size[1] + 0.5, `${where}: in sight without scrolling, but ${button.top} to ${button.bottom}`);
            assert.ok(button.height >= 24, where);
          }
          await fits(page, where);
          await end();
        }
      }
    }
  },

  "a visitor refuses: remembered, not asked again, and the record says what was shown (2, 24, 36)": async ({ browser, demo }) => {
    const { page, context, requests, end } = await visit(browser, demo, { locale: "fr" });
    await page.goto(`${demo.shop}/item/rain`);
    const text = await said(page.locator(".stw-banner"));
    await page.locator('.stw-banner [value="refuse"]').click();
    await page.getByRole("status").waitFor();
    const cookie = await choice(context);
    assert.ok(cookie.httpOnly && cookie.sameSite === "Lax", "set by the server");
    const days = (cookie.expires - Date.now() / 1000) / 86_400;
    assert.ok(days > 182 && days < 184, `six months, but ${days} days`);
    const { items } = await demo.api(`/v1/visitors/${visitorOf(cookie)}`);
    const { shown, acts } = items.at(-1);
    assert.equal(shown.text_sha256, createHash("sha256").update(text).digest("hex"));
    assert.deepEqual([shown.locale, shown.button_order, shown.surface], ["fr", ["refuse", "accept", "choose"], "site/shop/banner"]);
    assert.ok(shown.notice_version);
    assert.deepEqual(new Set(acts.map((act) => act.kind)), new Set(["refused"]));
    for (const path of ["/item/rain", "/", "/basket"]) {
      await page.goto(demo.shop + path);
      assert.equal(await page.locator(".stw-banner").count(), 0, "asked again");
    }
    assert.ok(!requests.some((path) => path.startsWith("/count")), "statistics after a no");
    await end();
  },

  "a visitor accepts, in place: statistics begin, and a change of mind ends them (22, 23)": async ({ browser, demo }) => {
    const { page, context, requests, end } = await visit(browser, demo);
    await page.goto(`${demo.shop}/item/rain`);
    await page.locator('.stw-banner [value="accept"]').click();
    await page.locator("html[data-counted]").waitFor();
    assert.ok(requests.includes("/count.js"));
    await page.reload();
    assert.match(await page.locator(".offer").innerText(), /Broadlight/);
    const given = await choice(context);
    // Two clicks from any page, as many as it took to allow.
    await page.locator(".stw-link a").first().click();
    assert.equal(await page.locator("[role=switch]:checked").count(), 3);
    const text = await said(page.locator("body"));
    requests.length = 0;
    await page.locator('[value="refuse"]').click();
    await page.waitForURL(`${demo.shop}/item/rain`);
    assert.match(await page.locator(".offer").innerText(), /stays off/);
    assert.ok(!requests.includes("/count.js"), "statistics after the withdrawal");
    const taken = await choice(context);
    assert.equal(visitorOf(taken), visitorOf(given));
    const { items } = await demo.api(`/v1/visitors/${visitorOf(taken)}`);
    assert.deepEqual(new Set(items.at(-1).acts.map((act) => act.kind)), new Set(["withdrawn"]));
    assert.equal(items.at(-1).shown.text_sha256, createHash("sha256").update(text).digest("hex"));
    assert.ok(Math.abs(taken.expires - given.expires) < 60, "a no is kept as long as a yes");
    await end();
  },

  "without script a plain form refuses, chooses one and takes it back (34)": async ({ browser, demo }) => {
    const { page, context, requests, end } = await visit(browser, demo, { script: false });
    await page.goto(`${demo.shop}/item/rain`);
    await page.locator('.stw-banner [value="refuse"]').click();
    assert.equal(page.url(), `${demo.shop}/item/rain`);
    assert.equal(await page.locator(".stw-banner").count(), 0);
    await page.locator(".stw-link a").first().click();
    assert.equal(await page.locator("[role=switch]:checked").count(), 0, "nothing is ticked for the visitor");
    await page.locator('[name="allow.advertising"]').check({ force: true });
    await page.locator('[value="save"]').click();
    assert.match(await page.locator(".offer").innerText(), /Broadlight/);
    await page.locator(".offer a").click();
    await page.locator('[name="allow.advertising"]').uncheck({ force: true });
    await page.locator('[value="save"]').click();
    assert.match(await page.locator(".offer").innerText(), /stays off/);
    assert.ok(!requests.includes("/count.js"));
    const { items } = await demo.api(`/v1/visitors/${visitorOf(await choice(context))}`);
    assert.equal(items.length, 3);
    await end();
  },

  "by keyboard: no comes before yes, each is one stop, and focus is seen (5, 33)": async ({ browser, demo }) => {
    const { page, end } = await visit(browser, demo);
    await page.goto(`${demo.shop}/`);
    const stops = [];
    for (let stop = 0; stop < 4; stop += 1) {
      await page.keyboard.press("Tab");
      stops.push(await page.evaluate(() => {
        const { value, className } = document.activeElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        return { name: value || className, seen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
      }));
    }
    assert.deepEqual(stops.map((stop) => stop.name), ["skip", "refuse", "accept", "stw-button"]);
    assert.ok(stops.every((stop) => stop.seen), JSON.stringify(stops));
    for (let back = 0; back < 2; back += 1) await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("status").waitFor();
    assert.ok(await page.evaluate(() => document.activeElement.getAttribute("role") === "status"), "focus goes to the answer");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "sign", "and on from there");
    await page.goto(`${demo.shop}/privacy/preferences?back=/`);
    await page.locator("[role=switch]").first().focus();
    await page.keyboard.press("Space");
    assert.equal(await page.locator("[role=switch]:checked").count(), 1);
    await end();
  },

  "Global Privacy Control is honoured and shown, and nothing but exactly 1 counts (27 to 29)": async ({ browser, demo }) => {
    const { page, context, end } = await visit(browser, demo, { headers: { "Sec-GPC": "1" } });
    await page.goto(`${demo.shop}/item/rain`);
    assert.match(await page.locator(".stw-banner .stw-signal").innerText(), /Global Privacy Control/);
    await page.locator('.stw-banner [value="accept"]').click();
    await page.getByRole("status").waitFor();
    await page.reload();
    assert.match(await page.locator(".offer").innerText(), /stays off/);
    assert.match(await page.locator(".stw-link").innerText(), /honoured/);
    assert.match((await choice(context)).value, /n-advertising/);
    await page.goto(`${demo.shop}/privacy/preferences`);
    assert.equal(await page.locator('[name="allow.advertising"]').count(), 0, "no switch that would not hold");
    await end();
    const other = await visit(browser, demo, { headers: { "Sec-GPC": "true" } });
    await other.page.goto(`${demo.shop}/`);
    assert.equal(await other.page.locator(".stw-signal").count(), 0);
    await other.end();
    const support = await (await fetch(`${demo.shop}/.well-known/gpc.json`)).json();
    assert.equal(support.gpc, true);
    assert.match(support.lastUpdate, /^\d{4}-\d\d-\d\d$/);
  },

  "selling and sharing stop with one press, apart from the banner, and the rest stays (30, 36)": async ({ browser, demo }) => {
    const look = await visit(browser, demo);
    await look.page.goto(`${demo.shop}/privacy/opt-out?back=/item/rain`);
    await isAccessible(look.page, "opt-out");
    await fits(look.page, "opt-out");
    await look.end();
    const { page, context, end } = await visit(browser, demo, { script: false });
    await page.goto(`${demo.shop}/item/rain`);
    await page.locator('.stw-banner [value="accept"]').click();
    assert.match(await page.locator(".offer").innerText(), /Broadlight/);
    await page.getByRole("link", { name: "Do not sell or share my data" }).click();
    await page.waitForURL(/\/privacy\/opt-out/);
    assert.equal(await page.locator("main input:not([type=hidden]), main select, main textarea").count(), 0, "nothing to fill in");
    const text = await said(page.locator("body"));
    await page.locator('main [value="opt-out"]').click();
    await page.getByText("off for this browser already").waitFor();
    assert.match(await page.locator("main").innerText(), /off for this browser already/);
    assert.match((await choice(context)).value, /y-analytics.*n-advertising|n-advertising.*y-analytics/);
    const { items } = await demo.api(`/v1/visitors/${visitorOf(await choice(context))}`);
    assert.deepEqual(new Set(items.at(-1).acts.map((act) => act.kind)), new Set(["opted-out", "withdrawn"]));
    assert.equal(items.at(-1).shown.text_sha256, createHash("sha256").update(text).digest("hex"));
    await page.goto(`${demo.shop}/item/rain`);
    assert.match(await page.locator(".offer").innerText(), /stays off/);
    assert.equal(await page.locator(".stw-banner").count(), 0);
    await end();
  },

  "nothing moves: the layout does not shift and no task is long (35)": async ({ browser, demo }) => {
    const { page, end } = await visit(browser, demo, { motion: "no-preference" });
    await page.addInitScript(() => {
      window.shift = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shift += entry.value))).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(`${demo.shop}/`, { waitUntil: "networkidle" });
    await page.waitForTimeout(500);
    const shift = await page.evaluate(() => window.shift);
    assert.ok(shift <= 0.02, `layout shift ${shift}`);
    await end();
  },

  "necessary purposes are locked with their reason, and the page stays (14, 20, 26)": async ({ browser, demo }) => {
    const { page, end } = await visit(browser, demo);
    await page.goto(`${demo.shop}/privacy/preferences?back=/basket`);
    assert.equal(await page.locator("[role=switch]:checked").count(), 0, "off when opened");
    const locked = page.locator(".switch.locked");
    assert.ok((await locked.count()) >= 3);
    assert.match(await page.locator("main").innerText(), /Tax law obliges us/);
    await page.waitForTimeout(3000);
    assert.ok(await page.locator('[value="refuse"]').isVisible());
    await page.getByRole("button", { name: "Français" }).click();
    assert.match(await page.locator("h1").innerText(), /Vos choix/);
    await end();
  },

  "the shop and its choices have no violation, in light and dark, wide and narrow (32)": async ({ browser, demo }) => {
    for (const [theme, size, locale] of [["light", [1280, 720], "en"], ["dark", [320, 568], "fr"]]) {
      const { page, end } = await visit(browser, demo, { theme, size, locale });
      for (const path of ["/", "/item/rain", "/basket", "/account", "/mail", "/privacy/preferences?back=/"]) {
        await page.goto(demo.shop + path);
        await isAccessible(page, `${path} ${theme} ${size} ${locale}`);
        await fits(page, path);
      }
      await answerBanner(page, demo, "refuse");
      await isAccessible(page, `answered ${theme}`);
      await end();
    }
  },

  "a visitor fills a basket": async ({ browser, demo }) => {
    const { page, end } = await visit(browser, demo);
    await answerBanner(page, demo, "refuse");
    await page.getByRole("link", { name: /Blue Kettle/ }).click();
    await page.getByRole("button", { name: "Put into the basket" }).click();
    await page.waitForURL(`${demo.shop}/basket`);
    assert.match(await page.locator("main").innerText(), /Blue Kettle[\s\S]*£24\.00/);
    await end();
  },
};
