// Every page that the suite looks at: its name, its address, and how to come there.

export const shopPages = (demo) => [
  { name: "shop-home-banner", address: `${demo.shop}/` },
  { name: "shop-item", address: `${demo.shop}/item/rain`, chosen: "refuse" },
  { name: "shop-basket", address: `${demo.shop}/basket`, chosen: "refuse" },
  { name: "shop-account", address: `${demo.shop}/account`, chosen: "refuse" },
  { name: "site-preferences", address: `${demo.shop}/privacy/preferences?back=/item/rain` },
  { name: "site-opt-out", address: `${demo.shop}/privacy/opt-out?back=/item/rain` },
  { name: "site-preferences-gpc", address: `${demo.shop}/privacy/preferences?back=/`, headers: { "Sec-GPC": "1" } },
];

/** Answers the banner, so that it is gone. */
export async function answerBanner(page, demo, choice) {
  await page.goto(`${demo.shop}/`);
  await page.locator(`.stw-banner [value="${choice}"]`).click();
  await page.locator(".stw-banner form").waitFor({ state: "detached" });
}
