/** Atoms as SMILES writes them (OpenSMILES 1.0, http://opensmiles.org/opensmiles.html, sections 3.1 and 3.5). */

/** The elements 1 to 118. */
const ELEMENTS =
  "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd " +
  "Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra " +
  "Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og";
const SYMBOL = `${ELEMENTS.replaceAll(" ", "|")}|b|c|n|o|p|s|se|as|te|\\*`;
const CHIRALITY = "@@?|@TH[12]|@AL[12]|@SP[1-3]|@TB(?:1\\d?|20?|[3-9])|@OH(?:[12]\\d?|30?|[4-9])";
const CHARGE = "\\+\\+|--|[-+]\\d{0,2}";
/** Isotope, symbol, chirality, hydrogens, charge and class; the symbol is its first group. */
const BRACKET = new RegExp(`^\\[\\d*(${SYMBOL})(?:${CHIRALITY})?(?:H\\d?)?(?:${CHARGE})?(?::\\d+)?\\]$`);
/** What is written without brackets. */
const BARE = /Cl|Br|[BCNOPSFIbcnops*]/y;

export interface Atom {
  /** As it is written, brackets included. */
  readonly text: string;
  readonly aromatic: boolean;
}

/** The atom that starts at a place of a text; undefined where there is none. */
export function atomAt(text: string, at: number): Atom | undefined {
  if (text[at] === "[") {
    const end = text.indexOf("]", at);
    const atom = text.slice(at, end < 0 ? text.length : end + 1);
    const symbol = BRACKET.exec(atom)?.[1];
    return symbol === undefined ? undefined : { text: atom, aromatic: isAromatic(symbol) };
  }
  BARE.lastIndex = at;
  const symbol = BARE.exec(text)?.[0];
  return symbol === undefined ? undefined : { text: symbol, aromatic: isAromatic(symbol) };
}

const isAromatic = (symbol: string) => /^[a-z]/.test(symbol);
