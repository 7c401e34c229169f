// What `npm run bench` does: installs the peers where they are missing, compiles Rondo and the bench, and measures.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bench = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));

const run = (command, parameters, cwd) =>
  spawnSync(command, parameters, { cwd, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });

if (!existsSync(`${bench}node_modules`)) {
  const installed = run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], bench);
  if (installed.status !== 0) console.error("the peers could not be installed: they will be missing below");
}
const built = run(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", bench], root);
if (built.status !== 0) process.exit(built.status ?? 1);
await import("./dist/bench/src/main.js");
