/**
 * Polynomials with whole coefficients over named atoms: exact arithmetic, and one text for equal ones. What an atom stands
 * for is not known here.
 */

/** Coefficients, none of them 0, by monomial: atoms sorted and joined by "*"; the constant's key is "". */
export type Polynomial = ReadonlyMap<string, number>;

export const constantOf = (value: number): Polynomial => new Map(value === 0 ? [] : [["", value]]);

export function atomsOf(monomial: string): string[] {
  return monomial === "" ? [] : monomial.split("*");
}

const join = (atoms: readonly string[]) => [...atoms].sort().join("*");

/** a + factor * b. */
export function addTerms(a: Polynomial, b: Polynomial, factor = 1): Polynomial {
  const sum = new Map(a);
  for (const [monomial, coefficient] of b) {
    const total = (sum.get(monomial) ?? 0) + factor * coefficient;
    if (total === 0) sum.delete(monomial);
    else sum.set(monomial, total);
  }
  return sum;
}

export function multiplyTerms(a: Polynomial, b: Polynomial): Polynomial {
  let product: Polynomial = new Map();
  for (const [left, factor] of a) {
    const row = [...b].map(([right, coefficient]): [string, number] => [
      join([...atomsOf(left), ...atomsOf(right)]),
      coefficient,
    ]);
    product = addTerms(product, new Map(row), factor);
  }
  return product;
}

/**
 * a = quotient b + remainder, by long division: no term of the remainder holds the leading term of b as a whole factor. b is
 * not 0.
 */
export function divideTerms(a: Polynomial, b: Polynomial): { quotient: Polynomial; remainder: Polynomial } {
  const divisor = inOrder(b)[0] as Term;
  let [quotient, remainder]: [Polynomial, Polynomial] = [new Map(), a];
  for (let term = wholeFactor(a, divisor); term; term = wholeFactor(remainder, divisor)) {
    quotient = addTerms(quotient, term);
    remainder = addTerms(remainder, multiplyTerms(term, b), -1);
  }
  return { quotient, remainder };
}

type Term = readonly [monomial: string, coefficient: number];

/** How often a term goes into the first of some terms that it goes into. */
function wholeFactor(terms: Polynomial, [monomial, coefficient]: Term): Polynomial | undefined {
  for (const [whole, count] of inOrder(terms)) {
    const left = atomsOf(whole);
    const divides = atomsOf(monomial).every(
      (atom) => left.includes(atom) && left.splice(left.indexOf(atom), 1),
    );
    const factor = Math.floor(count / coefficient);
    if (divides && factor !== 0) return new Map([[join(left), factor]]);
  }
  return undefined;
}

/** The terms, those of the highest degree first, of these by their atoms: leading terms multiply as their polynomials do. */
function inOrder(terms: Polynomial): Term[] {
  return [...terms].sort(([a], [b]) => (isBefore(atomsOf(a), atomsOf(b)) ? -1 : 1));
}

function isBefore(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return a.length > b.length;
  const at = a.findIndex((atom, index) => atom !== b[index]);
  return at >= 0 && (a[at] as string) < (b[at] as string);
}

/** The polynomial in what its atoms are more than 1. */
export function shiftTerms(terms: Polynomial): Polynomial {
  let shifted: Polynomial = new Map();
  for (const [monomial, coefficient] of terms) {
    const factors = atomsOf(monomial).map(
      (atom): Polynomial =>
        new Map([
          ["", 1],
          [atom, 1],
        ]),
    );
    shifted = addTerms(shifted, factors.reduce(multiplyTerms, constantOf(1)), coefficient);
  }
  return shifted;
}

/** The polynomial as a text such as "2*B*T-T+3", its terms in the order of their atoms and the constant last. */
export function printTerms(terms: Polynomial): string {
  const ordered = [...terms].sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1));
  return ordered
    .map(([monomial, coefficient], index) => {
      const sign = coefficient < 0 ? "-" : index > 0 ? "+" : "";
      const size = Math.abs(coefficient);
      if (monomial === "") return `${sign}${size}`;
      return size === 1 ? `${sign}${monomial}` : `${sign}${size}*${monomial}`;
    })
    .join("");
}
