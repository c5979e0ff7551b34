// Starts the built `steward demo` on free ports and reads its summary.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const START_SECONDS_MAX = 240;

export async function startDemo() {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;
  const program = process.env.STEWARD_BIN ?? `${target}/debug/steward`;
  if (!existsSync(program)) throw new Error(`${program} is not built: cargo build -p steward`);
  const child = spawn(program, ["--json", "demo", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, RUST_LOG: "warn" },
  });
  let told = "";
  let warned = "";
  child.stderr.on("data", (data) => (warned += data));
  const summary = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the demo did not start:\n${warned}`)), START_SECONDS_MAX * 1000);
    child.on("exit", (code) => reject(new Error(`the demo ended with ${code}:\n${warned}`)));
    child.stdout.on("data", (data) => {
      told += data;
      try {
        resolve(JSON.parse(told));
        clearTimeout(late);
      } catch {
        // Not whole yet.
      }
    });
  });
  if (summary.failed !== 0) throw new Error(`${summary.failed} steps of the demo failed:\n${warned}`);
  const steward = `http://${summary.address}`;
  return {
    ...summary,
    steward,
    shop: `http://${summary.shop}`,
    keys: summary.keys,
    hosts: new Set([summary.address, summary.shop]),
    /** Asks the API. */
    async api(path, body) {
      const headers = { Authorization: `Bearer ${summary.keys.shop}`, "Content-Type": "application/json" };
      const answer = await fetch(steward + path, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    async stop() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.removeAllListeners("exit");
      child.once("exit", () => {});
      const over = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      const hard = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await Promise.race([gone, over]);
      clearTimeout(hard);
    },
  };
}
