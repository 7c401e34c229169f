/** The package's main entry in Node: as everywhere, and programs are machine code where that can run. */

import { offerMachineCode } from "./backends/x86/offer.ts";

export * from "./index.ts";

offerMachineCode();
