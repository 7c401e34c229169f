#!/usr/bin/env node
/** Where the process `rondo` starts. */

import { offerMachineCode } from "../backends/x86/offer.ts";
import { enableFusedMultiplyAdd } from "../node/index.ts";
import { rondo } from "./rondo.ts";

// A reader that has seen enough, such as `head`, closes the pipe: that is no error. A full disk is.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  console.error(`rondo: cannot write to the standard output: ${error.message}`);
  process.exit(1);
});

enableFusedMultiplyAdd();
offerMachineCode();
process.exitCode = await rondo(process.argv.slice(2));
