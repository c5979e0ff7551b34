// The contact sheets of docs/screens/: one per page, three widths in light and in dark.
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { fits, visit } from "./browser.js";
import { answerBanner, shopPages } from "./pages.js";
import { signedInPages } from "./signed-in.js";

const WIDTHS = [320, 768, 1280];
const HEIGHT_MAX = 2400;
const FOLDER = fileURLToPath(new URL("../../docs/screens/", import.meta.url));

export async function writeScreens(browser, demo) {
  await mkdir(FOLDER, { recursive: true });
  for (const entry of [...shopPages(demo), ...(await signedInPages(browser, demo))]) {
    const shots = [];
    for (const theme of ["light", "dark"]) {
      for (const width of WIDTHS) {
        const { page, context, end } = await visit(browser, demo, { size: [width, 720], theme, headers: entry.headers });
        if (entry.cookies) await context.addCookies(entry.cookies);
        if (entry.chosen) await answerBanner(page, demo, entry.chosen);
        await page.goto(entry.address);
        await entry.before?.(page);
        await fits(page, `${entry.name} at ${width}`).catch((error) => console.log(`look: ${error.message}`));
        const height = Math.min(HEIGHT_MAX, await page.evaluate(() => document.documentElement.scrollHeight));
        const picture = await page.screenshot({ type: "png", clip: { x: 0, y: 0, width, height }, fullPage: true });
        shots.push({ width, height, picture: `data:image/png;base64,${picture.toString("base64")}` });
        await end(/./);
      }
    }
    await writeFile(`${FOLDER}${entry.name}.webp`, await sheet(browser, shots, "image/webp", 0.72));
    if (process.env.STEWARD_PNG) await writeFile(`${process.env.STEWARD_PNG}/${entry.name}.png`, await sheet(browser, shots, "image/png"));
    console.log(`docs/screens/${entry.name}.webp`);
  }
}

/** Puts the pictures of one page side by side, drawn and packed by the browser itself. */
async function sheet(browser, shots, type, quality) {
  const page = await browser.newPage();
  const text = await page.evaluate(
    async ({ shots, type, quality }) => {
      const scale = 0.5;
      const gap = 16;
      const rows = [shots.slice(0, shots.length / 2), shots.slice(shots.length / 2)];
      const size = (row) => [row.reduce((sum, shot) => sum + shot.width * scale + gap, gap), Math.max(...row.map((shot) => shot.height * scale))];
      const canvas = document.createElement("canvas");
      canvas.width = size(rows[0])[0];
      canvas.height = rows.reduce((sum, row) => sum + size(row)[1] + gap, gap);
      const pen = canvas.getContext("2d");
      pen.imageSmoothingQuality = "high";
      pen.fillStyle = "#8d8d8d";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      let y = gap;
      for (const row of rows) {
        let x = gap;
        for (const shot of row) {
          const image = new Image();
          image.src = shot.picture;
          await image.decode();
          pen.drawImage(image, x, y, shot.width * scale, shot.height * scale);
          x += shot.width * scale + gap;
        }
        y += size(row)[1] + gap;
      }
      return canvas.toDataURL(type, quality).split(",")[1];
    },
    { shots, type, quality },
  );
  await page.close();
  return Buffer.from(text, "base64");
}
