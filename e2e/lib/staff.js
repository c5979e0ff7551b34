// Signing in to the console with password and second factor, once per account: a code works once.
import { createHmac } from "node:crypto";

const signedIn = new Map();

/** The code of an authenticator app at this moment (RFC 6238). */
export function code(secret, now = Date.now()) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const tag = createHmac("sha1", key).update(step).digest();
  const at = tag[19] & 15;
  return String((tag.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Brings this visit's browser into the console as this member of staff. */
export async function signInStaff(page, context, demo, name) {
  if (!signedIn.has(name)) {
    const { password, totp } = demo.staff.find((login) => login.name === name);
    await page.goto(`${demo.steward}/console/sign-in`);
    await page.locator("[name=name]").fill(name);
    await page.locator("[name=password]").fill(password);
    await page.locator("[name=code]").fill(code(totp));
    await page.locator("main button[type=submit]").click();
    await page.waitForURL(`${demo.steward}/console`);
    signedIn.set(name, await context.cookies());
  }
  await context.addCookies(signedIn.get(name));
  await page.goto(`${demo.steward}/console`);
}
