// What `import ... from "rondo"` offers; everything here runs in Node and in a browser.
export * from "./errors.ts";
