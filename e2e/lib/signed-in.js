// Pages behind a login, for the contact sheets: signed in once, then opened with the cookies.
import { visit } from "./browser.js";
import { OLIVE, signIn } from "./portal.js";
import { signInStaff } from "./staff.js";

export async function signedInPages(browser, demo) {
  const cookies = {};
  for (const [name, enter] of [
    ["portal", (page) => signIn(page, demo, OLIVE)],
    ["console", (page, context) => signInStaff(page, context, demo, "anna")],
  ]) {
    const { page, context, end } = await visit(browser, demo);
    await enter(page, context);
    cookies[name] = await context.cookies();
    await end();
  }
  const of = (surface, name, path, more = {}) => ({
    name: `${surface}-${name}`,
    address: `${demo.steward}/${surface}${path}`,
    cookies: cookies[surface],
    ...more,
  });
  return [
    { name: "portal-sign-in", address: `${demo.steward}/portal/sign-in` },
    of("portal", "overview", ""),
    of("portal", "data", "/data"),
    of("portal", "records", "/data/records"),
    of("portal", "choices", "/choices"),
    of("portal", "recipients", "/recipients"),
    of("portal", "history", "/history"),
    of("portal", "download", "/download"),
    of("portal", "erase", "/erase"),
    { name: "console-sign-in", address: `${demo.steward}/console/sign-in` },
    of("console", "overview", ""),
    of("console", "look-up", "/look-up"),
    of("console", "manifest", "/manifest"),
    of("console", "ledger", "/ledger"),
    { name: "shop-mail", address: `${demo.shop}/mail`, chosen: "refuse" },
  ];
}
