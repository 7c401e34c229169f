/** A server of static files on this computer, with the headers of cross-origin isolation or without. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

export interface ServerOptions {
  /** Folders by the start of the path that they serve; the longest start that fits counts. */
  readonly folders: Readonly<Record<string, string>>;
  /** Send COOP and COEP, so that pages may share memory. */
  readonly isolated: boolean;
  /** Paths of the packages that scripts import by name, which a browser cannot find by itself. */
  readonly packages?: Readonly<Record<string, string>> | undefined;
  /** A Content-Security-Policy to send. */
  readonly policy?: string | undefined;
}

export interface Server {
  /** Such as http://127.0.0.1:40123, without a slash at its end. */
  readonly origin: string;
  close(): void;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".safetensors": "application/octet-stream",
};

const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Start a server at a free port. */
export async function serve({ folders, isolated, policy, packages = {} }: ServerOptions): Promise<Server> {
  const starts = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = createServer(async ({ url = "/" }, response) => {
    // A parsed path has no .. left in it; it is not decoded, which could bring one back.
    const path = new URL(url, "http://localhost").pathname;
    const start = starts.find((candidate) => path.startsWith(candidate));
    const type = types[extname(path)];
    const file = start !== undefined && type && join(folders[start] as string, path.slice(start.length));
    const found = file ? await readFile(file).catch(() => undefined) : undefined;
    const bytes = found && extname(path) === ".js" ? withPaths(found.toString(), packages) : found;
    if (!bytes) return void response.writeHead(404).end(`no file ${path}\n`);
    const restricted = policy !== undefined && { "content-security-policy": policy };
    response.writeHead(200, { "content-type": type, ...(isolated && isolation), ...restricted }).end(bytes);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A script that imports packages by their paths. */
function withPaths(script: string, packages: Readonly<Record<string, string>>): string {
  return Object.entries(packages).reduce(
    (text, [name, path]) => text.replaceAll(`from "${name}"`, `from "${path}"`),
    script,
  );
}
