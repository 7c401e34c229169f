#!/usr/bin/env node
/** Where the process `rondo` starts. */

import { rondo } from "./rondo.ts";

// A reader that has seen enough, such as `head`, closes the pipe: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await rondo(process.argv.slice(2));
