// Questions about little stories, after the idea of Weston et al. (2015), "Towards AI-Complete Question Answering: A Set of
// Prerequisite Toy Tasks": who went where and took what, and then one question, whose answer is a sentence. What the answers to the
// test say, such as who of all is in which room, no answer to train on says.
import { type Draw, exactly, type Kind, type Pair, type Part } from "./pairs.ts";

const people = "mary john sandra daniel anna peter lucy omar".split(" ");
const places = "kitchen garden hallway office bathroom bedroom cellar attic".split(" ");
const things = "ball book apple milk lamp key letter hat".split(" ");

const went = "went to|walked to|moved to|ran to|is back in".split("|");
const took = "took|picked up|grabbed|got".split("|");
const dropped = "dropped|put down|left".split("|");
const gave = "gave|handed|passed".split("|");

/** What is so at a moment of a story, as far as it has been told. */
class World {
  readonly places = new Map<string, string>();
  readonly before = new Map<string, string>();
  readonly owners = new Map<string, string>();
  /** Where things lie that nobody has. */
  readonly lying = new Map<string, string | undefined>();

  placeOf(name: string): string | undefined {
    const owner = this.owners.get(name);
    return owner === undefined ? (this.places.get(name) ?? this.lying.get(name)) : this.places.get(owner);
  }

  carriedBy(person: string): string[] {
    return things.filter((thing) => this.owners.get(thing) === person);
  }
}

/** A sentence of what happens next. */
function happen(draw: Draw, world: World, [who, other]: readonly [string, string]): string {
  const carried = world.carriedBy(who);
  if (carried.length > 0 && draw.chance(0.35)) {
    const thing = draw.one(carried);
    if (world.placeOf(other) !== undefined && world.placeOf(other) === world.placeOf(who)) {
      world.owners.set(thing, other);
      return `${who} ${draw.one(gave)} the ${thing} to ${other} .`;
    }
    world.owners.delete(thing);
    world.lying.set(thing, world.places.get(who));
    return `${who} ${draw.one(dropped)} the ${thing} .`;
  }
  const here = world.places.get(who);
  const free = things.filter((thing) => !world.owners.has(thing));
  // Nobody takes what lies elsewhere, or may lie there.
  const near = free.filter((thing) => !world.lying.has(thing) || (here && world.lying.get(thing) === here));
  if (near.length > 0 && carried.length < 2 && draw.chance(0.5)) {
    const thing = draw.one(near);
    world.owners.set(thing, who);
    return `${who} ${draw.one(took)} the ${thing} .`;
  }
  const place = draw.one(places.filter((one) => one !== here));
  if (here) world.before.set(who, here);
  world.places.set(who, place);
  return `${who} ${draw.one(went)} the ${place} .`;
}

/** A question, its answer, and what the answer says: pairs of two names. */
interface Asked {
  readonly question: string;
  readonly answer: string;
  readonly said: readonly (readonly [string, string])[];
}

type Ask = (draw: Draw, world: World) => Asked | undefined;

const where: Ask = (draw, world) => {
  const who = draw.one([...world.places.keys()]);
  const place = who && world.places.get(who);
  if (!place) return undefined;
  return { question: `where is ${who} ?`, answer: `${who} is in the ${place} .`, said: [[who, place]] };
};

const whereIsThing: Ask = (draw, world) => {
  const thing = draw.one(things);
  const place = world.placeOf(thing);
  if (!place) return undefined;
  const question = `where is the ${thing} ?`;
  return { question, answer: `the ${thing} is in the ${place} .`, said: [[thing, place]] };
};

const isThere: Ask = (draw, world) => {
  const who = draw.one([...world.places.keys()]);
  const place = who && world.places.get(who);
  if (!place) return undefined;
  const asked = draw.chance(0.5) ? place : draw.one(places);
  const answer = `${asked === place ? "yes" : "no"} , ${who} is in the ${place} .`;
  return { question: `is ${who} in the ${asked} ?`, answer, said: [[who, place]] };
};

const whereBefore: Ask = (draw, world) => {
  const who = draw.one([...world.before.keys()]);
  const place = who && world.before.get(who);
  if (!place) return undefined;
  const question = `where was ${who} before ?`;
  return { question, answer: `${who} was in the ${place} .`, said: [[who, place]] };
};

const whoHas: Ask = (draw, world) => {
  const thing = draw.one([...world.owners.keys(), ...world.lying.keys()]);
  if (!thing) return undefined;
  const owner = world.owners.get(thing);
  const question = `who has the ${thing} ?`;
  if (!owner) return { question, answer: `nobody has the ${thing} .`, said: [] };
  return { question, answer: `${owner} has the ${thing} .`, said: [[owner, thing]] };
};

const whatHas: Ask = (draw, world) => {
  const who = draw.one([...world.owners.values(), ...world.places.keys()]);
  if (!who) return undefined;
  const carried = world.carriedBy(who);
  const list = carried.map((thing) => `the ${thing}`).join(" and ") || "nothing";
  const said = carried.map((thing) => [who, thing] as const);
  return { question: `what does ${who} have ?`, answer: `${who} has ${list} .`, said };
};

const asks = [where, whereIsThing, isThere, whereBefore, whoHas, whatHas];

/** One of eight pairs of names is for the test. */
function isForTest([one, other]: readonly [string, string]): boolean {
  const all = [people, places, things];
  const numberOf = (name: string) => all.reduce((found, names) => Math.max(found, names.indexOf(name)), -1);
  return (numberOf(one) + 3 * numberOf(other)) % 8 === 0;
}

/** A story of so many sentences, and a question about it. */
export function tell(draw: Draw, sentences: number): Asked & { readonly story: string } {
  for (;;) {
    const world = new World();
    const present = draw.some(people, draw.whole(2, 3));
    const story = Array.from({ length: sentences }, () =>
      happen(draw, world, draw.some(present, 2) as [string, string]),
    );
    const asked = draw.one(asks)(draw, world);
    if (asked) return { ...asked, story: story.join(" ") };
  }
}

export const questions: Kind = {
  about: "a story of people, places and things, and a question, to its answer",
  pair(draw, part): Pair {
    for (;;) {
      const { story, question, answer, said } = tell(draw, draw.whole(2, 6));
      const own: Part = said.some(isForTest) ? "test" : "training";
      if ((part === "test") === (own === "test")) return { source: `${story} ${question}`, target: answer };
    }
  },
  counts: { training: 30_000, validation: 500, test: 1000 },
  models: { attention: exactly("words", { hidden: 128, epochs: 6, batch: 32, embedding: 64 }) },
};
