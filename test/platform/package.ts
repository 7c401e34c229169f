/** The package as `npm pack` makes it, built anew and installed in a folder of its own. */

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Installed {
  /** A folder whose node_modules hold the package. */
  readonly root: string;
  /** The paths of the files in the package. */
  readonly files: readonly string[];
  remove(): void;
}

export function installPackage(): Installed {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "rondo-package-")));
  const build = join(root, "build");
  const modules = join(root, "node_modules");
  mkdirSync(build);
  mkdirSync(join(modules, "@types"), { recursive: true });
  for (const name of ["package.json", "README.md", "LICENSE"]) cpSync(name, join(build, name));
  const compiler = [
    "node_modules/typescript/bin/tsc",
    "-p",
    "tsconfig.build.json",
    "--outDir",
    join(build, "dist"),
  ];
  execFileSync(process.execPath, compiler, { stdio: "inherit" });
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", root];
  const [packed] = JSON.parse(execFileSync("npm", pack, { cwd: build, encoding: "utf8" }));
  execFileSync("tar", ["-xzf", join(root, packed.filename), "-C", modules]);
  cpSync(join(modules, "package"), join(modules, "rondo"), { recursive: true });
  for (const name of ["package", "../build"]) rmSync(join(modules, name), { recursive: true });
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  for (const name of [...Object.keys(dependencies), "@types/node", "undici-types"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(realpathSync(join("node_modules", name)), join(modules, name));
  }
  const files = packed.files.map(({ path }: { path: string }) => path);
  return { root, files, remove: () => rmSync(root, { recursive: true, force: true }) };
}
