// The lines that the example of lines to lines makes up: that their targets are right, and that no part has what is held out from it.
import { trainTranslator, UsageError } from "rondo";
import { describe, expect, it } from "vitest";
import { dateIn } from "../../examples/lines/dates.ts";
import { kinds } from "../../examples/lines/index.ts";
import { kanaOf } from "../../examples/lines/kana.ts";
import { Draw, type Kind, makePairs, type Pair, parts } from "../../examples/lines/pairs.ts";
import { tell } from "../../examples/lines/questions.ts";

const counts = { training: 600, validation: 60, test: 120 };
const few = (name: string, seed = 1) => makePairs(kinds[name] as Kind, seed, counts);
const all = (name: string): Pair[] => Object.values(few(name)).flat();

describe.each(Object.keys(kinds))("%s", (name) => {
  it("has different pairs, the same with the same seed, and no part has what another one has", () => {
    const made = few(name);
    expect(few(name)).toEqual(made);
    expect(few(name, 2)).not.toEqual(made);
    const kind = kinds[name] as Kind;
    const contents = parts.map((part) => {
      expect(made[part]).toHaveLength(counts[part]);
      return made[part].flatMap((pair) => kind.contents?.(pair) ?? [pair.source]);
    });
    const apart = contents.reduce((sum, one) => sum + new Set(one).size, 0);
    expect(new Set(contents.flat()).size).toBe(apart);
    expect(new Set(all(name).map(({ source }) => source)).size).toBe(780);
    for (const { source, target } of all(name)) {
      expect(`${source}|${target}`).not.toMatch(/undefined|\s{2}|^\s|\s$|\n|\t/);
      expect(Math.min(source.length, target.length)).toBeGreaterThan(0);
      expect(Math.max(source.split(" ").length, target.split(" ").length)).toBeLessThan(100);
    }
  });
});

it("a kind that has not so many pairs says so", () => {
  const small: Kind = {
    about: "ten digits",
    pair: (draw) => ({ source: String(draw.whole(0, 9)), target: "a digit" }),
    counts,
    models: {},
  };
  expect(makePairs(small, 1, { training: 5, validation: 2, test: 3 }).training).toHaveLength(5);
  expect(() => makePairs(small, 1, { training: 6, validation: 2, test: 3 })).toThrow(UsageError);
});

describe("letters", () => {
  it("are written again, or backwards, and are 20 or 50 in the test", () => {
    for (const { source, target } of all("copy")) expect(target).toBe(source);
    for (const name of ["reverse", "reverse-50"]) {
      for (const { source, target } of all(name)) {
        for (let at = 0; at < source.length; at++) expect(target.at(-1 - at)).toBe(source[at]);
      }
    }
    const lengths = (name: string) => new Set(few(name).test.map(({ source }) => source.length));
    expect([...lengths("copy"), ...lengths("reverse"), ...lengths("reverse-50")]).toEqual([20, 20, 50]);
  });
});

it("sums are right, of numbers of four digits", () => {
  for (const { source, target } of all("addition")) {
    const [, a, b] = /^(\d{4})\+(\d{4})$/.exec(source) ?? [];
    expect(Number(a) + Number(b)).toBe(Number(target));
  }
});

describe("dates", () => {
  it.each([
    ["the DTH of MONTH YEAR", "the 3rd of March 2021"],
    ["DTH day of MONTH in YEAR", "3rd day of March in 2021"],
    ["MM/DD/YY", "03/03/21"],
    ["WEEKDAY, D MON YEAR", "Wednesday, 3 Mar 2021"],
    ["WDY, DD.M.YY", "Wed, 03.3.21"],
    ["D.ROMAN.YEAR", "3.III.2021"],
    ["YEARMMDD", "20210303"],
  ])("are written as %s", (form, written) => {
    expect(dateIn(form, "2021-03-03")).toBe(written);
  });

  it("have the ends of English ordinals", () => {
    const written = Array.from({ length: 31 }, (_, at) =>
      dateIn("DTH", `2020-01-${String(at + 1).padStart(2, "0")}`),
    );
    expect(written.slice(0, 4)).toEqual(["1st", "2nd", "3rd", "4th"]);
    expect(written.slice(9, 13)).toEqual(["10th", "11th", "12th", "13th"]);
    expect(written.slice(19)).toEqual(
      "20th 21st 22nd 23rd 24th 25th 26th 27th 28th 29th 30th 31st".split(" "),
    );
  });

  it("are in many forms, of days of a hundred years", () => {
    const made = all("dates");
    const shapes = new Set(made.map(({ source }) => source.replace(/[a-z]+/gi, "a").replace(/\d+/g, "1")));
    expect(shapes.size).toBeGreaterThan(20);
    for (const { target } of made) expect(target).toMatch(/^(19[5-9]|20[0-4])\d-\d\d-\d\d$/);
  });
});

it.each([
  ["gakkō", "がっこう"],
  ["Kyōko", "キョーコ"],
  ["matcha", "まっちゃ"],
  ["kin'yū", "きんゆう"],
  ["kinyu", "きにゅ"],
  ["shimbun", "しんぶん"],
  ["Tempura", "テンプラ"],
  ["konnichiwa", "こんにちわ"],
  ["onēsan", "おねいさん"],
  ["Zasshi", "ザッシ"],
  ["tsuzuku", "つずく"],
])("%s is %s in kana", (word, written) => {
  expect(kanaOf(word)).toBe(written);
});

it("who chats uses the names that were said", () => {
  for (const { source, target } of all("chat")) {
    const names = (line: string) => line.match(/[A-Z]\w+/g) ?? [];
    for (const name of names(target)) expect(names(source)).toContain(name);
  }
});

describe("answers to questions", () => {
  /** Reads a story again, by other means than the one who tells it. */
  function answer(story: string, question: string): string {
    const at: Record<string, string> = {};
    const before: Record<string, string> = {};
    const owner: Record<string, string> = {};
    for (const sentence of story.split(" . ")) {
      const [who, ...rest] = sentence.replace(/ \.$/, "").split(" ") as [string, ...string[]];
      const [last, thing] = [rest.at(-1) as string, rest[rest.lastIndexOf("the") + 1] as string];
      if (/ (to|in) the \w+$/.test(` ${rest.join(" ")}`)) {
        if (at[who]) before[who] = at[who];
        at[who] = last;
      } else if (rest.includes("to")) owner[thing] = last;
      else if (/dropped|put|left/.test(sentence)) {
        owner[thing] = "";
        at[thing] = at[who] as string;
      } else owner[thing] = who;
    }
    const words = question.split(" ");
    const name = words.at(-2) as string;
    const placeOf = (one: string) => at[owner[one] || one];
    if (words[0] === "who") return `${owner[name] || "nobody"} has the ${name} .`;
    if (words[1] === "was") return `${words[2]} was in the ${before[words[2] as string]} .`;
    if (words[0] === "is") {
      return `${at[words[1] as string] === name ? "yes" : "no"} , ${words[1]} is in the ${at[words[1] as string]} .`;
    }
    if (words[0] === "what") {
      const who = words[2] as string;
      const things = "ball book apple milk lamp key letter hat"
        .split(" ")
        .filter((one) => owner[one] === who);
      return `${who} has ${things.map((one) => `the ${one}`).join(" and ") || "nothing"} .`;
    }
    return `${words.slice(2, -1).join(" ")} is in the ${placeOf(name)} .`;
  }

  it("follow from the story, of each kind of question", () => {
    const draw = new Draw(3, "stories");
    const openings = new Set<string>();
    for (let count = 0; count < 400; count++) {
      const told = tell(draw, draw.whole(2, 8));
      expect(`${told.story} ${told.question} ${answer(told.story, told.question)}`).toBe(
        `${told.story} ${told.question} ${told.answer}`,
      );
      openings.add(`${told.question.split(" ").slice(0, 2)} ${told.question.includes("the")}`);
    }
    expect(openings.size).toBeGreaterThan(5);
  });

  it("say nothing in the test that they say to train on", () => {
    const facts = (pairs: readonly Pair[]) =>
      pairs.flatMap(({ target }) => {
        const [, one, other] = /^(?:yes , |no , |the )?(\w+) (?:is|was) in the (\w+) \.$/.exec(target) ?? [];
        return one ? [`${one} ${other}`] : [];
      });
    const { training, test } = few("questions");
    const known = new Set(facts(training));
    expect(facts(test).length).toBeGreaterThan(40);
    for (const fact of facts(test)) expect(known).not.toContain(fact);
  });
});

describe("headlines", () => {
  it("have no word that the report does not have, but for some that join them", () => {
    const joins = new Set("in on , degrees beat draw and - closes the between for hours".split(" "));
    for (const { source, target } of all("summaries")) {
      const words = new Set(source.toLowerCase().split(" "));
      for (const word of target.toLowerCase().split(" ")) {
        expect(joins.has(word) || words.has(word), `${word} of ${target} in ${source}`).toBe(true);
      }
    }
  });

  it("of games say who scored more", () => {
    for (const { source, target } of all("summaries")) {
      const [, winner, loser, most, least] = /^(\w+) beat (\w+) (\d) - (\d)$/.exec(target) ?? [];
      if (!winner) continue;
      expect(Number(most)).toBeGreaterThan(Number(least));
      expect(source).not.toContain(`${winner} lost`);
      expect(source).toContain(loser);
    }
  });
});

it("dates are learnt in a short training, as far as that goes", async () => {
  const { training, test } = makePairs(kinds.dates as Kind, 1, { training: 800, validation: 10, test: 100 });
  const options = {
    embedding: 16,
    hidden: 32,
    dropout: 0,
    labelSmoothing: 0,
    batch: 16,
    epochs: 4,
    learningRate: 0.01,
  };
  const translator = await trainTranslator(training, { tokens: "characters", ...options });
  const { tokenAccuracy } = await translator.evaluate(test, { beam: 1 });
  expect(tokenAccuracy).toBeGreaterThan(0.6);
});
