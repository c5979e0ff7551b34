// Debian's Chromium, and visits that watch over themselves: no error on the console, no request
// to another host.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function startBrowser() {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: apt-get install chromium`);
  const args = ["--disable-dev-shm-usage", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
  return chromium.launch({ executablePath: PROGRAM, args });
}

/** A browser of its own for one visit: `{ page, context, requests, end }`. */
export async function visit(browser, demo, options = {}) {
  const { size = [1280, 720], theme = "light", locale = "en", script = true, headers = {}, motion = "reduce" } = options;
  const context = await browser.newContext({
    viewport: { width: size[0], height: size[1] },
    colorScheme: theme,
    locale,
    javaScriptEnabled: script,
    extraHTTPHeaders: headers,
    reducedMotion: motion,
    acceptDownloads: true,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const wrong = [];
  const requests = [];
  page.on("console", (message) => message.type() === "error" && wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    requests.push(url.pathname);
    if (url.protocol === "data:") return;
    if (!demo.hosts.has(url.host)) wrong.push(`request to ${url.host}`);
  });
  return {
    page,
    context,
    requests,
    wrong,
    /** Ends the visit; whatever went wrong on the way fails the walk. */
    async end(...expected) {
      await context.close();
      const left = wrong.filter((line) => !expected.some((pattern) => pattern.test(line)));
      if (left.length > 0) throw new Error(left.join("\n"));
    },
  };
}

/** Fails on any violation of WCAG 2.2 A and AA or of axe's best practice. */
export async function isAccessible(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  if (found.violations.length === 0) return;
  const lines = found.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n${nodes.slice(0, 3).map((node) => `    ${node.html}\n    ${node.failureSummary}`).join("\n")}`,
  );
  throw new Error(`${name}: axe finds\n${lines.join("\n")}`);
}

/** Fails where a page scrolls sideways. */
export async function fits(page, name) {
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  if (inner > outer) throw new Error(`${name}: ${inner} px wide in a window of ${outer}`);
}
