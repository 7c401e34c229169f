/** Time zones: how far their clocks are ahead of Greenwich, and which instants a clock shows as one time. */
import { IANAZone } from "luxon";
import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { DAY, MINUTE } from "./days.ts";

const FIXED = /^([-+])(\d{2}):(\d{2})$/;

/** The clocks of a zone. */
export interface Zone {
  /** How far clocks are ahead of Greenwich at an instant, in milliseconds. */
  offsetAt(time: number): number;
}

/** Offsets of named zones change at quarters of an hour alone: they are looked up once for each. */
const QUARTER = 15 * MINUTE;
const MOST_REMEMBERED = 50_000;

const zones = new Map<string, Zone>([["UTC", fixed(0)]]);

/**
 * The zone of a name of the IANA database (`Europe/Berlin`), of "UTC", or of a fixed offset (`+01:00`).
 *
 * @throws UsageError for one that there is not
 */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = fixedOf(name) ?? named(name);
  zones.set(name, zone);
  return zone;
}

function fixed(offset: number): Zone {
  return { offsetAt: () => offset };
}

function fixedOf(name: string): Zone | undefined {
  const [, sign, hours, minutes] = FIXED.exec(name) ?? [];
  if (sign === undefined) return undefined;
  return fixed((sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE);
}

function named(name: string): Zone {
  if (typeof name !== "string" || !IANAZone.isValidZone(name)) {
    throw new UsageError(
      `zone ${printGiven(name)} is unknown: a name such as Europe/Berlin, UTC or +01:00 expected`,
    );
  }
  const zone = IANAZone.create(name);
  const offsets = new Map<number, number>();
  return {
    offsetAt(time) {
      const quarter = Math.floor(time / QUARTER);
      const known = offsets.get(quarter);
      if (known !== undefined) return known;
      if (offsets.size >= MOST_REMEMBERED) offsets.clear();
      const offset = Math.round(zone.offset(quarter * QUARTER) * MINUTE);
      offsets.set(quarter, offset);
      return offset;
    },
  };
}

/** The instants at which the clocks of a zone show a time, in order: none where they are put forward past it, two where they are put back. */
export function instantsOf(zone: Zone, wall: number): readonly number[] {
  const before = wall - zone.offsetAt(wall - DAY);
  const after = wall - zone.offsetAt(wall + DAY);
  const candidates = before === after ? [before] : [Math.min(before, after), Math.max(before, after)];
  return candidates.filter((time) => time + zone.offsetAt(time) === wall);
}

/** The first instant at which clocks show a time; where they are put forward past it, as if they were not yet. */
export function instantOf(zone: Zone, wall: number): number {
  return instantsOf(zone, wall)[0] ?? wall - zone.offsetAt(wall - DAY);
}
