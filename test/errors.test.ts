// Every error of Rondo can be told apart by class and by name, and keeps the cause it was given.
import { expect, test } from "vitest";
import * as rondo from "../src/index.ts";

const classes = {
  RondoError: rondo.RondoError,
  ShapeError: rondo.ShapeError,
  GraphError: rondo.GraphError,
  DataError: rondo.DataError,
  FormatError: rondo.FormatError,
  UsageError: rondo.UsageError,
  TrainingError: rondo.TrainingError,
};

test.each(Object.entries(classes))("%s carries its name, message and cause", (name, ErrorClass) => {
  const cause = new Error("disk full");
  const error = new ErrorClass("cannot write model.safetensors", { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toBeInstanceOf(rondo.RondoError);
  expect(error.name).toBe(name);
  expect(error.cause).toBe(cause);
  expect(String(error)).toBe(`${name}: cannot write model.safetensors`);
});

test("the classes are distinct", () => {
  expect(new rondo.ShapeError("x")).not.toBeInstanceOf(rondo.GraphError);
});
