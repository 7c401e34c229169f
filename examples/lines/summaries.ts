// Short reports of the weather, of games and of roads, to the sentence that would stand above them. Each report is made of facts that
// it tells in one of many ways, in changing order, among others that do not matter. No headline of the test is one to train on.
import { type Draw, exactly, type Kind, type Pair } from "./pairs.ts";

const heads = "Ald Bram Cor East Fern Gold Har Kings Lang North Oak Stan".split(" ");
const tails = "bury ton ley field ford wick mouth bridge".split(" ");
const surnames =
  "Abbot Baines Carver Dunn Ellery Fisk Garrow Hale Ivers Jessop Kerr Lyle Marsh Nunn Orme Pryor Quill Rusk".split(
    " ",
  );
const days = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");
const numbers = "two three four five six".split(" ");

const town = (draw: Draw) => draw.one(heads) + draw.one(tails);

/** Different towns. */
function towns(draw: Draw, count: number): string[] {
  const found = new Set<string>();
  while (found.size < count) found.add(town(draw));
  return [...found];
}

/** A report of its main sentences, which keep their order, and of some others, put anywhere between them. */
function report(draw: Draw, main: readonly string[], others: readonly string[]): string {
  const sentences = [...main];
  for (const other of draw.some(others, draw.whole(2, others.length))) {
    sentences.splice(draw.whole(0, sentences.length), 0, other);
  }
  return sentences.join(" ");
}

/** What the sky may bring, and at how many degrees. */
type Sky = readonly [name: string, least: number, most: number];
const skies: readonly Sky[] = [
  ["heavy rain", 3, 25],
  ["snow", -12, 2],
  ["thick fog", -3, 14],
  ["sunshine", -6, 35],
  ["strong winds", -5, 24],
  ["hail", 1, 20],
  ["thunderstorms", 12, 32],
  ["frost", -20, 0],
];

function weather(draw: Draw): Pair {
  const [place, other, third] = towns(draw, 3) as [string, string, string];
  const [day, next] = draw.some(days, 2) as [string, string];
  const [[sky, least, most], [otherSky], [thirdSky]] = draw.some(skies, 3) as [Sky, Sky, Sky];
  const degrees = draw.whole(least, most);
  const main = draw.one([
    [`Forecasters expect ${sky} in ${place} on ${day} .`, `It will be ${degrees} degrees there .`],
    [`${day} will bring ${sky} to ${place} .`, `Temperatures there reach ${degrees} degrees .`],
    [`People in ${place} should be ready for ${sky} on ${day} , at ${degrees} degrees .`],
    [`At ${degrees} degrees , ${sky} will come over ${place} on ${day} .`],
  ]);
  const others = [
    draw.one([`Last week there was ${otherSky} in ${other} .`, `${other} has had ${otherSky} for days .`]),
    draw.one([
      `On ${next} it will be ${draw.whole(-9, 30)} degrees .`,
      `By ${next} ${thirdSky} may follow .`,
    ]),
    draw.one([`${third} sees nothing of it .`, `In ${third} it stays as it is .`]),
    draw.one(["Drivers should take care .", "Nights are clear .", "The sea is calm ."]),
    `The warmest ${day} of all years had ${draw.whole(31, 40)} degrees , in ${town(draw)} .`,
    draw.one([
      `Those who go to ${other} may want an umbrella .`,
      `Farmers near ${third} hope for the best .`,
    ]),
  ];
  const target = `${sky} in ${place} on ${day} , ${degrees} degrees`;
  return { source: report(draw, main, others), target };
}

function game(draw: Draw): Pair {
  const [home, guest, place] = towns(draw, 3) as [string, string, string];
  const [few, more] = [draw.whole(0, 3), draw.whole(1, 4)];
  const [least, most] = [Math.min(few, more), Math.max(few, more)];
  const [winner, loser] = draw.some([home, guest]) as [string, string];
  const [scorer, other, trainer] = draw.some(surnames, 3) as [string, string, string];
  const day = draw.one(days);
  const [minute, later] = [draw.whole(2, 45), draw.whole(46, 90)];
  const start = draw.one([
    `${home} and ${guest} met in ${place} on ${day} .`,
    `On ${day} ${home} were the hosts of ${guest} in ${place} .`,
    `Rain or not , ${home} against ${guest} was played in ${place} on ${day} .`,
  ]);
  const won = [
    `In the end ${winner} had won by ${most} to ${least} .`,
    `${loser} lost by ${least} to ${most} .`,
    `It was ${most} to ${least} for ${winner} when it was over .`,
    `${loser} scored ${least} and ${winner} ${most} .`,
  ];
  const drawn = [
    `Nobody won : both scored ${most} .`,
    `It ended ${most} to ${most} .`,
    `${most} to ${most} was the result .`,
  ];
  const others = [
    draw.one([
      `${scorer} hit the post in minute ${minute} .`,
      `${scorer} came close after ${minute} minutes .`,
    ]),
    draw.one([
      `${other} had to leave after minute ${later} .`,
      `${other} was shown a card in minute ${later} .`,
    ]),
    `${trainer} , who trains ${draw.one([home, guest])} , ${draw.one(["was content", "said nothing", "blamed the grass"])} .`,
    `${draw.whole(2, 60)} hundred people ${draw.one(["watched", "came", "had tickets"])} .`,
    `A year ago it was ${draw.whole(2, 4)} to ${draw.whole(0, 1)} for ${draw.one([home, guest])} .`,
    `${draw.one([home, guest])} ${draw.one(["go to", "will play in"])} ${town(draw)} next .`,
  ];
  const target =
    least === most
      ? `${home} and ${guest} draw ${most} - ${most}`
      : `${winner} beat ${loser} ${most} - ${least}`;
  return { source: report(draw, [start, draw.one(least === most ? drawn : won)], others), target };
}

const causes = ["a crash", "a flood", "a fallen tree", "a burst pipe", "a lorry on fire", "an oil spill"];

function traffic(draw: Draw): Pair {
  const [from, to, side] = towns(draw, 3) as [string, string, string];
  const road = `${draw.one(["A", "B"])}${draw.whole(1, 99)}`;
  const [cause, hours, day] = [draw.one(causes), draw.one(numbers), draw.one(days)];
  const [officer] = draw.some(surnames, 1);
  const main = draw.one([
    [
      `The ${road} is closed between ${from} and ${to} .`,
      `The police blame ${cause} .`,
      `It will last ${hours} hours .`,
    ],
    [
      `Because of ${cause} nobody can use the ${road} from ${from} to ${to} .`,
      `It opens in ${hours} hours .`,
    ],
    [
      `There was ${cause} on the ${road} .`,
      `Between ${from} and ${to} all stands still , for ${hours} hours .`,
    ],
    [`For ${hours} hours the ${road} is shut from ${from} to ${to} .`, `The reason is ${cause} .`],
  ]);
  const others = [
    draw.one([
      `Buses go by ${side} .`,
      `Those who can should go by ${side} .`,
      `${side} has long queues , too .`,
    ]),
    draw.one([
      "Nobody was hurt .",
      `${officer} , of the police , asked for patience .`,
      `It is the worst ${day} for years .`,
    ]),
    `${draw.whole(2, 90)} ${draw.one(["cars", "lorries", "people"])} were ${draw.one(["waiting", "sent back"])} .`,
    `The ${draw.one(["A", "B"])}${draw.whole(1, 99)} near ${town(draw)} is open again .`,
    `A year ago ${draw.one(causes)} had closed it for ${draw.one(numbers)} days .`,
  ];
  const target = `${cause} closes the ${road} between ${from} and ${to} for ${hours} hours`;
  return { source: report(draw, main, others), target };
}

export const summaries: Kind = {
  about: "a report of the weather, a game or a road, to its headline",
  pair: (draw) => draw.one([weather, game, traffic])(draw),
  contents: ({ target }) => [target],
  counts: { training: 20_000, validation: 500, test: 1000 },
  models: { attention: exactly("words", { hidden: 128, epochs: 5, batch: 32, embedding: 64 }) },
};
