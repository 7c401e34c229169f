/**
 * The forms of vector instructions, nearly in the notation of Intel's manual (volume 2): where the operands stand, prefix, map, opcode.
 *
 * Operands, destination first: `r` the register field of ModR/M, `v` vvvv, `m` a register or memory, `R` a register and `M` memory in
 * its place, `s` a register in the last byte. `/6` is a digit in the register field, `ib` an immediate byte.
 *
 * What an 8-bit displacement of EVEX counts: `full` whole vectors (or broadcast elements), `half` half vectors (or broadcast elements of
 * 32 bits), `fullmem` and `halfmem` the same without broadcast, `n4` and so on bytes. A form with none of these has no EVEX encoding,
 * one with `evex` only that. `w1` sets W; `evex.w1` only in EVEX. `l0` and `l1` fix the length field; `256` and `512` are the shortest
 * vectors that there are.
 *
 * Where EVEX has an instruction of VEX under another name (vpandd for vpand, vrndscaleps for vroundps, vextractf32x4 for vextractf128),
 * the name of VEX stands for both. "to mask", "from general", "to general" part what Intel tells apart by operands.
 */
const listed = {
  // moves
  vmovups: ["rm np 0f 10 fullmem", "Mr np 0f 11 fullmem"],
  vmovaps: ["rm np 0f 28 fullmem", "Mr np 0f 29 fullmem"],
  vmovdqu32: ["rm f3 0f 6f evex fullmem", "Mr f3 0f 7f evex fullmem"],
  vmovss: ["rvR f3 0f 10 l0 n4", "rM f3 0f 10 l0 n4", "Mr f3 0f 11 l0 n4"],
  vmovsd: ["rvR f2 0f 10 l0 n8 evex.w1", "rM f2 0f 10 l0 n8 evex.w1", "Mr f2 0f 11 l0 n8 evex.w1"],
  vmovd: ["rM 66 0f 6e l0 n4", "Mr 66 0f 7e l0 n4"],
  "vmovd from general": ["rR 66 0f 6e l0 n4"],
  "vmovd to general": ["Rr 66 0f 7e l0 n4"],
  vmovq: ["rm f3 0f 7e l0 n8 evex.w1", "Mr 66 0f d6 l0 n8 evex.w1"],
  "vmovq from general": ["rR 66 0f 6e l0 n8 w1"],
  "vmovq to general": ["Rr 66 0f 7e l0 n8 w1"],
  vmaskmovps: ["rvM 66 0f38 2c", "Mvr 66 0f38 2e"],
  vbroadcastss: ["rm 66 0f38 18 n4"],
  vbroadcastsd: ["rm 66 0f38 19 256 n8 evex.w1"],
  vbroadcastf128: ["rM 66 0f38 1a 256 n16"],
  vbroadcastf32x4: ["rM 66 0f38 1a 256 evex n16"],
  vpbroadcastd: ["rm 66 0f38 58 n4"],
  vpbroadcastq: ["rm 66 0f38 59 n8 evex.w1"],
  "vpbroadcastd from general": ["rR 66 0f38 7c evex n4"],
  vmovmskps: ["rR np 0f 50"],

  // floats
  vsqrtps: ["rm np 0f 51 full"],
  vsqrtpd: ["rm 66 0f 51 full evex.w1"],
  vsqrtss: ["rvm f3 0f 51 l0 n4"],
  vsqrtsd: ["rvm f2 0f 51 l0 n8 evex.w1"],
  vroundps: ["rm 66 0f3a 08 ib full"],
  vroundpd: ["rm 66 0f3a 09 ib full evex.w1"],
  vroundss: ["rvm 66 0f3a 0a ib l0 n4"],
  vrndscaleps: ["rm 66 0f3a 08 ib evex full"],
  vrndscalepd: ["rm 66 0f3a 09 ib evex full w1"],
  vrndscaless: ["rvm 66 0f3a 0a ib l0 evex n4"],
  vcmpps: ["rvm np 0f c2 ib"],
  vcmppd: ["rvm 66 0f c2 ib"],
  vcmpss: ["rvm f3 0f c2 ib l0"],
  "vcmpps to mask": ["rvm np 0f c2 ib evex full"],
  "vcmppd to mask": ["rvm 66 0f c2 ib evex full w1"],
  "vcmpss to mask": ["rvm f3 0f c2 ib l0 evex n4"],
  vucomiss: ["rm np 0f 2e l0 n4"],

  // bits
  vandps: ["rvm np 0f 54 full"],
  vandnps: ["rvm np 0f 55 full"],
  vorps: ["rvm np 0f 56 full"],
  vxorps: ["rvm np 0f 57 full"],
  vpand: ["rvm 66 0f db full"],
  vpandn: ["rvm 66 0f df full"],
  vpor: ["rvm 66 0f eb full"],
  vpxor: ["rvm 66 0f ef full"],
  vpandd: ["rvm 66 0f db evex full"],
  vpandnd: ["rvm 66 0f df evex full"],
  vpord: ["rvm 66 0f eb evex full"],
  vpxord: ["rvm 66 0f ef evex full"],
  vpternlogd: ["rvm 66 0f3a 25 ib evex full"],
  vptest: ["rm 66 0f38 17"],

  // integers
  vpaddd: ["rvm 66 0f fe full"],
  vpsubd: ["rvm 66 0f fa full"],
  vpmulld: ["rvm 66 0f38 40 full"],
  vpaddq: ["rvm 66 0f d4 full evex.w1"],
  vpsubq: ["rvm 66 0f fb full evex.w1"],
  vpmuludq: ["rvm 66 0f f4 full evex.w1"],
  vpmuldq: ["rvm 66 0f38 28 full evex.w1"],
  vpminsd: ["rvm 66 0f38 39 full"],
  vpmaxsd: ["rvm 66 0f38 3d full"],
  vpminud: ["rvm 66 0f38 3b full"],
  vpmaxud: ["rvm 66 0f38 3f full"],
  vpabsd: ["rm 66 0f38 1e full"],
  vpaddusb: ["rvm 66 0f dc fullmem"],
  vpcmpeqd: ["rvm 66 0f 76"],
  vpcmpgtd: ["rvm 66 0f 66"],
  vpcmpd: ["rvm 66 0f3a 1f ib evex full"],
  vpcmpud: ["rvm 66 0f3a 1e ib evex full"],
  vptestmd: ["rvm 66 0f38 27 evex full"],
  vptestnmd: ["rvm f3 0f38 27 evex full"],
  vpslld: ["vR 66 0f 72 /6 ib full", "rvm 66 0f f2 n16"],
  vpsrld: ["vR 66 0f 72 /2 ib full", "rvm 66 0f d2 n16"],
  vpsrad: ["vR 66 0f 72 /4 ib full", "rvm 66 0f e2 n16"],
  vpsllq: ["vR 66 0f 73 /6 ib full evex.w1", "rvm 66 0f f3 n16 evex.w1"],
  vpsrlq: ["vR 66 0f 73 /2 ib full evex.w1", "rvm 66 0f d3 n16 evex.w1"],
  vpsllvd: ["rvm 66 0f38 47 full"],
  vpsrlvd: ["rvm 66 0f38 45 full"],
  vpsravd: ["rvm 66 0f38 46 full"],
  vpsllvq: ["rvm 66 0f38 47 full w1"],
  vpsrlvq: ["rvm 66 0f38 45 full w1"],

  // conversions
  vcvtdq2ps: ["rm np 0f 5b full"],
  vcvtps2dq: ["rm 66 0f 5b full"],
  vcvttps2dq: ["rm f3 0f 5b full"],
  vcvtps2pd: ["rm np 0f 5a half"],
  vcvtpd2ps: ["rm 66 0f 5a full evex.w1"],
  vcvtdq2pd: ["rm f3 0f e6 half"],
  vcvttpd2dq: ["rm 66 0f e6 full evex.w1"],
  vcvtudq2ps: ["rm f2 0f 7a evex full"],
  vcvtudq2pd: ["rm f3 0f 7a evex half"],
  vcvttps2udq: ["rm np 0f 78 evex full"],
  vcvtsi2ss: ["rvm f3 0f 2a l0 n4"],
  vcvttss2si: ["rm f3 0f 2c l0 n4"],
  vcvtss2sd: ["rvm f3 0f 5a l0 n4"],
  vcvtsd2ss: ["rvm f2 0f 5a l0 n8 evex.w1"],
  vpmovzxdq: ["rm 66 0f38 35 halfmem"],
  vpmovsxdq: ["rm 66 0f38 25 halfmem"],

  // lanes in other places
  vshufps: ["rvm np 0f c6 ib full"],
  vshufpd: ["rvm 66 0f c6 ib full evex.w1"],
  vpshufd: ["rm 66 0f 70 ib full"],
  vpshufb: ["rvm 66 0f38 00 fullmem"],
  vpermilps: ["rm 66 0f3a 04 ib full", "rvm 66 0f38 0c full"],
  vshuff32x4: ["rvm 66 0f3a 23 ib 256 evex full"],
  vperm2f128: ["rvm 66 0f3a 06 ib 256"],
  vpermd: ["rvm 66 0f38 36 256 full"],
  vpermps: ["rvm 66 0f38 16 256 full"],
  vpermq: ["rm 66 0f3a 00 ib 256 full w1"],
  vpermpd: ["rm 66 0f3a 01 ib 256 full w1", "rvm 66 0f38 16 evex full w1"],
  vpermt2d: ["rvm 66 0f38 7e evex full"],
  vpermt2ps: ["rvm 66 0f38 7f evex full"],
  vpermi2d: ["rvm 66 0f38 76 evex full"],
  vpermi2ps: ["rvm 66 0f38 77 evex full"],
  vunpcklps: ["rvm np 0f 14 full"],
  vunpckhps: ["rvm np 0f 15 full"],
  vunpcklpd: ["rvm 66 0f 14 full evex.w1"],
  vunpckhpd: ["rvm 66 0f 15 full evex.w1"],
  vpunpckldq: ["rvm 66 0f 62 full"],
  vpunpckhdq: ["rvm 66 0f 6a full"],
  vpunpcklqdq: ["rvm 66 0f 6c full evex.w1"],
  vpunpckhqdq: ["rvm 66 0f 6d full evex.w1"],
  vextractf128: ["mr 66 0f3a 19 ib 256 n16"],
  vextractf32x4: ["mr 66 0f3a 19 ib 256 evex n16"],
  vextractf64x4: ["mr 66 0f3a 1b ib 512 evex n32 w1"],
  vinsertf128: ["rvm 66 0f3a 18 ib 256 n16"],
  vinsertf32x4: ["rvm 66 0f3a 18 ib 256 evex n16"],
  vinsertf64x4: ["rvm 66 0f3a 1a ib 512 evex n32 w1"],
  vinsertps: ["rvm 66 0f3a 21 ib l0 n4"],
  vextractps: ["mr 66 0f3a 17 ib l0 n4"],
  vpextrd: ["mr 66 0f3a 16 ib l0 n4"],
  vpinsrd: ["rvm 66 0f3a 22 ib l0 n4"],
  vblendps: ["rvm 66 0f3a 0c ib"],
  vblendvps: ["rvms 66 0f3a 4a"],
  vblendmps: ["rvm 66 0f38 65 evex full"],
  vpblendmd: ["rvm 66 0f38 64 evex full"],

  // masks
  vpmovm2d: ["rR f3 0f38 38 evex fullmem"],
  vpmovd2m: ["rR f3 0f38 39 evex fullmem"],
  kmovw: ["rm np 0f 90 l0", "Mr np 0f 91 l0"],
  "kmovw from general": ["rR np 0f 92 l0"],
  "kmovw to general": ["rR np 0f 93 l0"],
  kortestw: ["rR np 0f 98 l0"],
  knotw: ["rR np 0f 44 l0"],
  kandw: ["rvR np 0f 41 l1"],
  kandnw: ["rvR np 0f 42 l1"],
  korw: ["rvR np 0f 45 l1"],
  kxnorw: ["rvR np 0f 46 l1"],
  kxorw: ["rvR np 0f 47 l1"],
} satisfies Record<string, readonly string[]>;

/** Prefix and more of the four types of floats. */
const floats = { ps: "np full", pd: "66 full evex.w1", ss: "f3 l0 n4", sd: "f2 l0 n8 evex.w1" };
type Float = keyof typeof floats;

const arithmetic = { add: "58", mul: "59", sub: "5c", min: "5d", div: "5e", max: "5f" };

/** The low digit of the opcode with packed floats; one more with scalar ones. */
const multiplyAdds = { madd: 0x8, msub: 0xa, nmadd: 0xc, nmsub: 0xe };
/** Which operands are multiplied and which is added, and the high digit of the opcode. */
const orders = { 132: "9", 213: "a", 231: "b" };

type Derived =
  | `v${keyof typeof arithmetic}${Float}`
  | `vf${keyof typeof multiplyAdds}${keyof typeof orders}${Float}`;

/** Vector instructions by their names; of those on single numbers `bits` does not matter. */
export type VectorOperation = keyof typeof listed | Derived;

function* derived(): Generator<[string, string[]]> {
  for (const [float, facts] of Object.entries(floats)) {
    const [prefix, ...rest] = facts.split(" ");
    for (const [name, opcode] of Object.entries(arithmetic))
      yield [`v${name}${float}`, [`rvm ${prefix} 0f ${opcode} ${rest.join(" ")}`]];
    const size = float.endsWith("d") ? "w1" : "";
    const length = float.startsWith("p") ? "full" : `l0 ${rest.find((fact) => fact.startsWith("n"))}`;
    for (const [name, low] of Object.entries(multiplyAdds))
      for (const [order, high] of Object.entries(orders)) {
        const digit = (low + (float.startsWith("s") ? 1 : 0)).toString(16);
        yield [`vf${name}${order}${float}`, [`rvm 66 0f38 ${high}${digit} ${length} ${size}`]];
      }
  }
}

/** All forms of each instruction, in the notation above. */
export const notations: Readonly<Record<string, readonly string[]>> = {
  ...listed,
  ...Object.fromEntries(derived()),
};
