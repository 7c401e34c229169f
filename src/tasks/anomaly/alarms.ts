/** When a score becomes an alarm. */

/** Plain JSON. */
export interface AlarmRule {
  /** Scores above it alarm. */
  readonly threshold: number;
  /** Rows above the threshold in succession before there is an alarm. */
  readonly run: number;
  /** Rows that an alarm stays on for after the last score above the threshold: alarms this close are one. */
  readonly merge: number;
  /** Rows after the start of an alarm in which no other one starts. */
  readonly mute: number;
}

/** Plain JSON. */
export interface AlarmState {
  /** Scores above the threshold in succession, up to now. */
  readonly above: number;
  /** Rows since the last score above the threshold within the alarm that is on; -1 while none is. */
  readonly quiet: number;
  /** Rows since the last alarm started; -1 before the first. */
  readonly since: number;
}

const NONE: AlarmState = { above: 0, quiet: -1, since: -1 };

/** Rows in succession that are in alarm are one alarm. A row without a score is not above the threshold, but does not end a run. */
export class Alarms {
  readonly #rule: AlarmRule;
  #state = NONE;

  constructor(rule: AlarmRule) {
    this.#rule = rule;
  }

  /** Whether a row with this score, NaN for none, is in alarm. */
  next(score: number): boolean {
    const { threshold, run, merge, mute } = this.#rule;
    const { above: before, quiet: rested, since: past } = this.#state;
    const isScored = !Number.isNaN(score);
    const isAbove = isScored && score > threshold;
    const above = isScored ? (isAbove ? before + 1 : 0) : before;
    const since = past < 0 ? -1 : past + 1;
    const goesOn = rested >= 0 && (isAbove || rested < merge);
    const starts = !goesOn && isAbove && above >= run && (since < 0 || since > mute);
    const quiet = starts || (goesOn && isAbove) ? 0 : goesOn ? rested + 1 : -1;
    this.#state = { above, quiet, since: starts ? 0 : since };
    return starts || goesOn;
  }

  save(): AlarmState {
    return this.#state;
  }

  restore(state: AlarmState): void {
    this.#state = { ...state };
  }
}
