// A process of its own that takes the lock of a folder when a file appears, says how that went, and lives until its input ends.
import { existsSync } from "node:fs";
import { lockFolder } from "../../src/node/lock.ts";

const [folder = "", signal = ""] = process.argv.slice(2);
console.log("ready");
while (!existsSync(signal));
const taken = lockFolder(folder);
console.log("release" in taken ? "has it" : `refused by ${taken.pid}`);
process.stdin.resume().on("end", () => process.exit(0));
