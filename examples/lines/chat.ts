// A partner who greets, promises and answers politely. People and towns have made-up names. No name of the test is in a line to train
// on: names of the answer have to be copied from what was said, each to its place, as names that are common in training teach.
import { Draw, exactly, type Kind, type Part } from "./pairs.ts";

/** What may be said, and the answer. Words in capitals are filled in. */
const exchanges: readonly (readonly [said: readonly string[], answer: string])[] = [
  [
    ["hi , i am NAME .", "hello , my name is NAME .", "good day , NAME here ."],
    "hello NAME , nice to meet you !",
  ],
  [["this is NAME , and this is OTHER .", "meet NAME and OTHER ."], "welcome , NAME and OTHER !"],
  [["bye , i have to go to TOWN now .", "i am off to TOWN , see you ."], "have a good time in TOWN !"],
  [["please call NAME at HOUR .", "can you ring NAME at HOUR ?"], "i will call NAME at HOUR ."],
  [["wake me at HOUR on DAY .", "i have to get up at HOUR on DAY ."], "i will wake you on DAY at HOUR ."],
  [
    ["tell NAME that OTHER is late .", "OTHER is late , let NAME know ."],
    "i will tell NAME that OTHER is late .",
  ],
  [
    ["invite OTHER and NAME for DAY .", "can OTHER and NAME come on DAY ?"],
    "i will ask OTHER and NAME to come on DAY .",
  ],
  [["remind me to buy FOOD on DAY .", "i need FOOD by DAY ."], "i will remind you on DAY to buy FOOD ."],
  [
    ["how far is it from TOWN to CITY ?", "is CITY far from TOWN ?"],
    "i do not know the way from TOWN to CITY .",
  ],
  [["i live in TOWN .", "my home is in TOWN .", "i was born in TOWN ."], "is it nice in TOWN ?"],
  [["i moved from TOWN to CITY .", "i left TOWN for CITY ."], "do you like CITY more than TOWN ?"],
  [
    ["do you know NAME from TOWN ?", "have you heard of NAME from TOWN ?"],
    "no , i have never met NAME from TOWN .",
  ],
  [["my dog is called NAME .", "NAME is my dog ."], "NAME is a fine name for a dog !"],
  [["NAME likes FOOD .", "FOOD is what NAME likes best ."], "then let us cook FOOD for NAME ."],
  [
    ["NAME likes FOOD but OTHER does not .", "OTHER does not like FOOD but NAME does ."],
    "then NAME gets FOOD and OTHER something else .",
  ],
  [["i am NAME and i feel sad .", "this is NAME , i am not well ."], "i am sorry to hear that , NAME ."],
  [["i am NAME and i feel great .", "this is NAME , all is well ."], "i am glad to hear that , NAME !"],
  [
    ["which train goes to TOWN on DAY ?", "i want to go to TOWN on DAY ."],
    "there is a train to TOWN at noon on DAY .",
  ],
  [["say NAME twice .", "twice NAME please ."], "NAME NAME !"],
  [["is NAME older than OTHER ?", "who is older , NAME or OTHER ?"], "ask NAME and OTHER themselves ."],
  [["thank you , says NAME .", "NAME thanks you ."], "NAME is always welcome ."],
  [
    ["NAME gave OTHER some FOOD .", "OTHER got some FOOD from NAME ."],
    "that was kind of NAME , i hope OTHER likes FOOD .",
  ],
];

const starts = "B Br C D F G Gr H J K L M N P R S St T V W Z".split(" ");
const vowels = "a e i o u ei ou".split(" ");
const middles = "l ld m n nd r rk s ss t v x".split(" ");
const days = "monday tuesday wednesday thursday friday saturday sunday".split(" ");
const foods = "bread soup rice cake plums fish cheese honey beans pears".split(" ");

function madeUp(draw: Draw): string {
  const syllables = Array.from({ length: 2 }, () => draw.one(vowels) + draw.one(middles));
  return `${draw.one(starts)}${syllables.join("")}`;
}

/** Names that many lines to train on have, so that it matters which one is copied. */
const common = new Set(Array.from({ length: 150 }, (_, at) => madeUp(new Draw(at, "common names"))));

function name(draw: Draw, part: Part): string {
  if (part !== "test" && draw.chance(0.6)) return draw.one([...common]);
  const found = madeUp(draw);
  return common.has(found) ? name(draw, part) : found;
}

export const chat: Kind = {
  about: "something said to a polite partner, to the answer, with names that nobody has met",
  pair(draw, part) {
    const [said, answer] = draw.one(exchanges);
    const filled: Readonly<Record<string, string>> = {
      NAME: name(draw, part),
      OTHER: name(draw, part),
      TOWN: name(draw, part),
      CITY: name(draw, part),
      HOUR: `${draw.whole(1, 12)}`,
      DAY: draw.one(days),
      FOOD: draw.one(foods),
    };
    const fill = (line: string) => line.replace(/[A-Z]+/g, (slot) => filled[slot] as string);
    return { source: fill(draw.one(said)), target: fill(answer) };
  },
  contents: ({ source }) => {
    const names = source.match(/[A-Z][a-z]+/g) ?? [];
    return names.length === 0 ? [source] : names.filter((one) => !common.has(one));
  },
  counts: { training: 20_000, validation: 500, test: 1000 },
  models: {
    attention: [
      ...exactly("words", { hidden: 128, epochs: 8, embedding: 64, batch: 32 }),
      ...["--least-count", "10"],
    ],
  },
};
