/** Finds the line of the user's code that called into Rondo, for messages about shapes. */

const here = new URL(".", import.meta.url).href;
const root = new URL("../", here).href;

/** `file:line:column` of the nearest caller outside of Rondo's own files; undefined where the platform does not tell. */
export function callerLine(): string | undefined {
  const own = [root, root.replace("file://", "")];
  const frames = (new Error().stack ?? "").split("\n").slice(1);
  const frame = frames.find(
    (line) =>
      !own.some((prefix) => line.includes(prefix)) && /:\d+:\d+/.test(line) && !line.includes("node:"),
  );
  return frame?.match(/\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?/)?.[1]?.replace("file://", "");
}

/** The end of a message: `, at file:line:column` of the user's code; nothing where the platform does not tell. */
export function atCaller(): string {
  const line = callerLine();
  return line === undefined ? "" : `, at ${line}`;
}
