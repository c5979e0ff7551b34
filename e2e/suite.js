// The browser suite: starts `steward demo` on free ports, walks through its pages in a real
// Chromium, and ends with one line `N passed, M failed`. `--screens` writes the contact sheets of
// docs/screens/ instead; `--only TEXT` runs the walks whose name holds the text.
import { readdir } from "node:fs/promises";
import { startDemo } from "./lib/demo.js";
import { startBrowser } from "./lib/browser.js";
import { writeScreens } from "./lib/screens.js";

const WALK_SECONDS_MAX = 60;

const wantsScreens = process.argv.includes("--screens");
const at = process.argv.indexOf("--only");
const only = at < 0 ? "" : (process.argv[at + 1] ?? "");

const timeout = (seconds, name) =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(`${name}: ${seconds} s are over`)), seconds * 1000).unref());

let passed = 0;
const failed = [];
const browser = await startBrowser();
const demo = await startDemo();
try {
  if (wantsScreens) {
    await writeScreens(browser, demo);
  } else {
    const files = (await readdir(new URL("./walks/", import.meta.url))).filter((file) => file.endsWith(".js")).sort();
    for (const file of files) {
      const { walks } = await import(`./walks/${file}`);
      for (const [name, walk] of Object.entries(walks)) {
        if (!name.includes(only)) continue;
        const started = Date.now();
        try {
          await Promise.race([walk({ browser, demo }), timeout(WALK_SECONDS_MAX, name)]);
          passed += 1;
          console.log(`ok    ${name} (${Date.now() - started} ms)`);
        } catch (error) {
          failed.push(name);
          console.log(`FAIL  ${name}\n${String(error?.stack ?? error).replace(/^/gm, "      ")}`);
        }
      }
    }
  }
} finally {
  await browser.close();
  await demo.stop();
}
if (!wantsScreens) {
  for (const name of failed) console.log(`failed: ${name}`);
  console.log(`${passed} passed, ${failed.length} failed`);
  process.exit(failed.length === 0 && passed > 0 ? 0 : 1);
}
