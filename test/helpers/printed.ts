/** What the code under test prints, which is not shown. */

import { vi } from "vitest";

export interface Printed<Result> {
  readonly result: Result;
  readonly out: string;
  readonly error: string;
}

/** Calls something: its result, and what it wrote to standard output and to standard error meanwhile. */
export async function printed<Result>(call: () => Result | Promise<Result>): Promise<Printed<Result>> {
  let [out, error] = ["", ""];
  const spies = [
    vi.spyOn(console, "log").mockImplementation((line) => {
      out += `${line}\n`;
    }),
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      out += text;
      return true;
    }),
    vi.spyOn(console, "error").mockImplementation((line) => {
      error += `${line}\n`;
    }),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      error += text;
      return true;
    }),
  ];
  try {
    const result = await call();
    return { result, out, error };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
