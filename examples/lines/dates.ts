// Days of a hundred years as people write them, to the one form of ISO 8601. No day of the test is among those to train on, in
// any form. With slashes the month is first if the year is last; with points the day is; a year of two digits lies in 1950 to 2049.
import { type Draw, exactly, type Kind } from "./pairs.ts";

const forms = [
  ..."DTH of MONTH YEAR|the DTH of MONTH YEAR|DTH MONTH YEAR|D MONTH YEAR|D MON YEAR|D. MONTH YEAR|DD-MON-YY".split(
    "|",
  ),
  ..."D-MON-YEAR|MONTH DTH, YEAR|MONTH D, YEAR|MON D, YEAR|MON. D, YEAR|MON DTH 'YY|YEAR MON D|YEAR, MONTH D".split(
    "|",
  ),
  ..."MM/DD/YY|MM/DD/YEAR|M/D/YY|M/D/YEAR|DD.MM.YEAR|D.M.YEAR|D.M.YY|D.ROMAN.YEAR".split("|"),
  ..."YEAR.M.D|YEAR.MM.DD|YEAR/MM/DD|YEAR/M/D|YEARMMDD|YEAR MM DD|YEAR-M-D".split("|"),
  ..."WEEKDAY, D MON YEAR|WEEKDAY, MONTH D, YEAR|WDY, DD MON YEAR|WDY D MONTH YEAR|WDY, MM/DD/YY".split("|"),
  ..."WEEKDAY the DTH of MONTH YEAR|the DTH of MONTH 'YY, a WEEKDAY|DTH day of MONTH in YEAR|WEEKDAY DD.MM.YY".split(
    "|",
  ),
];

const months = "January February March April May June July August September October November December".split(
  " ",
);
const romans = "I II III IV V VI VII VIII IX X XI XII".split(" ");
const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const ends: Readonly<Record<number, string>> = {
  1: "st",
  2: "nd",
  3: "rd",
  21: "st",
  22: "nd",
  23: "rd",
  31: "st",
};

/** The day in a form, whose words in capitals are replaced. */
export function dateIn(form: string, iso: string): string {
  const date = new Date(`${iso}T00:00Z`);
  const [year, month, day] = iso.split("-") as [string, string, string];
  const monthName = months[Number(month) - 1] as string;
  const weekday = weekdays[date.getUTCDay()] as string;
  const written: Readonly<Record<string, string>> = {
    YEAR: year,
    YY: year.slice(2),
    MONTH: monthName,
    MON: monthName.slice(0, 3),
    ROMAN: romans[Number(month) - 1] as string,
    MM: month,
    M: String(Number(month)),
    DTH: `${Number(day)}${ends[Number(day)] ?? "th"}`,
    DD: day,
    D: String(Number(day)),
    WEEKDAY: weekday,
    WDY: weekday.slice(0, 3),
  };
  return form.replace(
    /YEAR|YY|MONTH|MON|ROMAN|MM|M|DTH|DD|D|WEEKDAY|WDY/g,
    (word) => written[word] as string,
  );
}

function source(draw: Draw, iso: string): string {
  const text = dateIn(draw.one(forms), iso);
  if (draw.chance(0.1)) return text.toLowerCase();
  return draw.chance(0.1) ? text.toUpperCase() : text;
}

export const dates: Kind = {
  about: "a day in one of 39 forms, to ISO 8601: 3rd of March 2021 is 2021-03-03",
  pair(draw) {
    const day = Date.UTC(1950, 0, 1) + draw.whole(0, 36_524) * 24 * 3600 * 1000;
    const target = new Date(day).toISOString().slice(0, 10);
    return { source: source(draw, target), target };
  },
  contents: ({ target }) => [target],
  counts: { training: 20_000, validation: 500, test: 1000 },
  models: { attention: exactly("characters", { hidden: 96, epochs: 4 }) },
};
