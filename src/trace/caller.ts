/** Finds the line of the user's code that called into Rondo, for messages about shapes. */

/** Frames to look at: a step within a scan within layers is deep. */
const depth = 100;

/**
 * `file:line:column` of the nearest caller outside of Rondo's own files. It is undefined if the platform does not say, and in a
 * bundle, where the user's code may stand in the same file.
 * @param printed the stack, as an Error of the platform has it
 */
export function callerLine(printed: unknown = printedStack()): string | undefined {
  const [own, ...callers] = placesOf(printed);
  const root = own && rootOf(own);
  if (root === undefined) return undefined;
  return callers.find((place) => !place.startsWith(root) && !/^(node|data):|<anonymous>/.test(place));
}

function printedStack(): unknown {
  const { stackTraceLimit } = Error as { readonly stackTraceLimit?: number };
  // V8 alone has a limit, which may be frozen.
  if (stackTraceLimit === undefined) return new Error().stack;
  Reflect.set(Error, "stackTraceLimit", depth);
  const { stack } = new Error();
  Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  return stack;
}

/** Where each frame stands, innermost first, as V8 (`at name (place)`), Firefox and Safari (`name@place`) print it. */
function placesOf(stack: unknown): string[] {
  // Who prepares stacks in another way may make anything of them.
  if (typeof stack !== "string") return [];
  return stack.split("\n").flatMap((line) => {
    const v8 = /^\s*at (?:.*? \()?(?:async )?(.+:\d+:\d+)\)?$/.exec(line);
    const place = (v8 ?? /^[^@]*@(.+:\d+:\d+)$/.exec(line))?.[1];
    return place === undefined ? [] : [place.replaceAll("\\", "/").replace(/^file:\/\/(\/(?=\w:))?/, "")];
  });
}

/**
 * How the places of Rondo's own files start, by the place of this one: its own folder, or that in which Vite has bundled
 * packages for development. Undefined in any other bundle: the user's code may be in there.
 */
function rootOf(place: string): string | undefined {
  return (/^.*\/(?=trace\/caller\.[jt]s\b)/.exec(place) ?? /^.*\/\.vite\/deps\w*\//.exec(place))?.[0];
}

/** The end of a message: `, at file:line:column` of the user's code; nothing where the platform does not tell. */
export function atCaller(): string {
  const line = callerLine();
  return line === undefined ? "" : `, at ${line}`;
}
