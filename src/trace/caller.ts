/** Finds the line of the user's code that called into Rondo, for messages about shapes. */

/** Frames to look at: a step within a scan within layers is deep. */
const depth = 100;

/**
 * `file:line:column` of the nearest caller outside of Rondo's own files; undefined where the platform does not tell, and
 * in a bundle that may hold the user's code too.
 */
export function callerLine(): string | undefined {
  const [own, ...callers] = stack();
  const root = own && rootOf(own);
  if (root === undefined) return undefined;
  const caller = callers.find((frame) => !frame.startsWith(root) && !/^(node|data):|<anonymous>/.test(frame));
  return caller?.replace("file://", "");
}

/** Where each frame stands, innermost first, as V8 (`at name (place)`), Firefox and Safari (`name@place`) print it. */
function stack(): string[] {
  const { stackTraceLimit } = Error;
  Reflect.set(Error, "stackTraceLimit", depth);
  const { stack: printed } = new Error();
  Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  if (typeof printed !== "string") return [];
  return printed.split("\n").flatMap((line) => {
    const place =
      /^\s*at (?:.*? \()?(?:async )?(.+:\d+:\d+)\)?$/.exec(line) ?? /^[^@]*@(.+:\d+:\d+)$/.exec(line);
    return place?.[1] ? [place[1].replaceAll("\\", "/")] : [];
  });
}

/**
 * How the places of Rondo's own files start, by the place of this one: its own folder, or one of packages that were
 * bundled each for itself, as Vite does in development. Undefined in any other bundle: the user's code may be in there.
 */
function rootOf(place: string): string | undefined {
  return (/^.*\/(?=trace\/caller\.[jt]s\b)/.exec(place) ?? /^.*\/node_modules\/.*\//.exec(place))?.[0];
}
