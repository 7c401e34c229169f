// The server serves the folders it is given and nothing else, with the headers that decide what a page may do.
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../helpers/folder.ts";
import { type ServerOptions, serve } from "./server.ts";

async function started(options: ServerOptions): Promise<string> {
  const server = await serve(options);
  onTestFinished(() => server.close());
  return server.origin;
}

const tree = () =>
  temporaryFolder({
    "secret.js": "secret",
    "pages/page.html": "<p>",
    "pages/notes.txt": "notes",
    "code/index.js": "export {}",
  });

test("the longest start of a path decides the folder; a script has a script's type", async () => {
  const root = tree();
  const folders = { "/": `${root}/pages/`, "/src/": `${root}/code/` };
  const origin = await started({ folders, isolated: false });
  const page = await fetch(`${origin}/page.html`);
  expect([page.status, await page.text()]).toEqual([200, "<p>"]);
  const script = await fetch(`${origin}/src/index.js?again`);
  expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(await script.text()).toBe("export {}");
});

test("scripts import packages by their paths", async () => {
  const root = temporaryFolder({ "index.js": 'import * as v from "valibot";' });
  const origin = await started({
    folders: { "/": `${root}/` },
    packages: { valibot: "/packages/v.mjs" },
    isolated: false,
  });
  expect(await (await fetch(`${origin}/index.js`)).text()).toBe('import * as v from "/packages/v.mjs";');
});

test("what is missing, of no known type, a folder or outside is not found", async () => {
  const root = tree();
  const origin = await started({ folders: { "/": `${root}/pages/` }, isolated: true });
  for (const path of ["/none.js", "/notes.txt", "/", "/../secret.js", "/..%2fsecret.js", "/%"]) {
    expect((await fetch(`${origin}${path}`)).status, path).toBe(404);
  }
});

test("isolation is two headers on every file", async () => {
  const folders = { "/": `${tree()}/pages/` };
  const headersOf = async (isolated: boolean) => {
    const { headers } = await fetch(`${await started({ folders, isolated })}/page.html`);
    return [headers.get("cross-origin-opener-policy"), headers.get("cross-origin-embedder-policy")];
  };
  expect(await headersOf(true)).toEqual(["same-origin", "require-corp"]);
  expect(await headersOf(false)).toEqual([null, null]);
});
