// When scores become alarms: least runs, merging gaps, mute times.
import { expect, it } from "vitest";
import { type AlarmRule, Alarms } from "../../../src/tasks/anomaly/alarms.ts";

const rule: AlarmRule = { threshold: 3, run: 1, merge: 0, mute: 0 };
/** Scores as digits, a dot where there is none; rows in alarm as a 1. */
const told = (scores: string, change: Partial<AlarmRule> = {}) => {
  const alarms = new Alarms({ ...rule, ...change });
  return [...scores]
    .map((score) => (alarms.next(score === "." ? Number.NaN : Number(score)) ? 1 : 0))
    .join("");
};

it.each<[string, Partial<AlarmRule>, string]>([
  ["0344034", {}, "0011001"],
  ["0.4.4.0", {}, "0010100"],
  ["0404440", { run: 2 }, "0000110"],
  ["04.4000", { run: 2 }, "0001000"],
  ["0400400004", { merge: 2 }, "0111111001"],
  ["0400040", { merge: 2 }, "0111011"],
  ["0404004400", { mute: 3 }, "0100001100"],
  ["4444444", { mute: 2 }, "1111111"],
  ["4040404", { mute: 2 }, "1000100"],
  ["404404", { run: 2, merge: 1, mute: 1 }, "000111"],
])("%s with %j is %s", (scores, change, expected) => {
  expect(told(scores, change)).toBe(expected);
});

it("goes on from a saved state", () => {
  const scores = "0440400444040004404".split("").map(Number);
  const change = { ...rule, run: 2, merge: 1, mute: 4 };
  const whole = new Alarms(change);
  const expected = scores.map((score) => whole.next(score));
  for (let cut = 0; cut < scores.length; cut++) {
    const [first, second] = [new Alarms(change), new Alarms(change)];
    const before = scores.slice(0, cut).map((score) => first.next(score));
    second.restore(JSON.parse(JSON.stringify(first.save())));
    expect([...before, ...scores.slice(cut).map((score) => second.next(score))]).toEqual(expected);
  }
});
