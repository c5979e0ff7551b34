// Signing in to the portal as the demo's customers do: by a code from the demo's mail page.

export const OLIVE = "olive.hartley@mail.example";
export const ZOE = "zoe.charpentier@mail.example";

const used = new Set();
const cookies = new Map();

/** The newest code that was mailed to this address and not used yet. */
export async function codeFor(page, demo, address) {
  const other = await page.context().newPage();
  try {
    for (let look = 0; look < 60; look += 1) {
      await other.goto(`${demo.shop}/mail`);
      const letters = await other.locator(".letter").allInnerTexts();
      const letter = letters.find((text) => text.includes(address));
      const code = letter?.match(/\b(\d{4}) (\d{4})\b/);
      if (code && !used.has(code[0])) {
        used.add(code[0]);
        return code[1] + code[2];
      }
      await other.waitForTimeout(250);
    }
    throw new Error(`no letter to ${address}`);
  } finally {
    await other.close();
  }
}

/** Signs in by a code; once per customer, later visits come with the session's cookie. */
export async function signIn(page, demo, address) {
  if (cookies.has(address)) {
    await page.context().addCookies(cookies.get(address));
    await page.goto(`${demo.steward}/portal`);
    return;
  }
  await page.goto(`${demo.steward}/portal/sign-in`);
  await page.locator("[name=email]").fill(address);
  await page.locator("main button[type=submit]").click();
  await page.locator("[name=code]").fill(await codeFor(page, demo, address));
  await page.locator("main button[type=submit]").click();
  await page.waitForURL(`${demo.steward}/portal`);
  cookies.set(address, await page.context().cookies());
}
