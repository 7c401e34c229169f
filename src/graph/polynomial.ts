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

/** The quotient a / b where it is a polynomial with whole coefficients; undefined where it is not, or b is 0. */
export function divideTerms(a: Polynomial, b: Polynomial): Polynomial | undefined {
  const divisor = leadingTerm(b);
  if (!divisor) return undefined;
  let quotient: Polynomial = new Map();
  let rest = a;
  for (let leading = leadingTerm(rest); leading; leading = leadingTerm(rest)) {
    const left = atomsOf(leading[0]);
    for (const atom of atomsOf(divisor[0])) {
      const at = left.indexOf(atom);
      if (at < 0) return undefined;
      left.splice(at, 1);
    }
    const factor = leading[1] / divisor[1];
    if (!Number.isInteger(factor)) return undefined;
    const term: Polynomial = new Map([[join(left), factor]]);
    quotient = addTerms(quotient, term);
    rest = addTerms(rest, multiplyTerms(term, b), -1);
  }
  return quotient;
}

/** The term of the highest degree, of these the first by its atoms: leading terms multiply as their polynomials do. */
function leadingTerm(terms: Polynomial): [string, number] | undefined {
  let found: [string, number] | undefined;
  for (const term of terms) if (!found || isBefore(atomsOf(term[0]), atomsOf(found[0]))) found = term;
  return found;
}

function isBefore(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return a.length > b.length;
  const at = a.findIndex((atom, index) => atom !== b[index]);
  return at >= 0 && (a[at] as string) < (b[at] as string);
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
