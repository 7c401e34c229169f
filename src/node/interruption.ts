/** Ctrl-C, and being told to end, as a signal. */

/** What a shell expects of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** A signal that is aborted when the process is told to end; the second time it ends at once. */
export function untilInterrupted(): { readonly signal: AbortSignal; end(): void } {
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  return {
    signal: stop.signal,
    end() {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
