/**
 * What operands each vector instruction takes, written without regard to the assembler's own table.
 *
 * `V` is a vector, `H` one of half its length, `X` of 128 and `Y` of 256 bits, `K` a mask, `D` and `Q` general registers. After `/` is the
 * size of the memory that can stand there, in bytes or as `V` or `H`; `b4` says that it can be a broadcast element of 4 bytes. `MV` or `M4`
 * is memory alone, `i` an immediate byte. `@256` and `@512` are the shortest vectors, `@vex` and `@evex` the only encoding, `!` means
 * that lanes cannot be masked.
 */
const groups: readonly (readonly [signatures: string, names: string])[] = [
  ["V V/V | MV V", "vmovups, vmovaps"],
  ["V V/V @evex | MV V @evex", "vmovdqu32"],
  ["X X X | X M4 | M4 X", "vmovss"],
  ["X X X | X M8 | M8 X", "vmovsd"],
  ["X M4 ! | M4 X !", "vmovd"],
  ["X D !", "vmovd from general"],
  ["D X !", "vmovd to general"],
  ["X X/8 ! | M8 X !", "vmovq"],
  ["X Q !", "vmovq from general"],
  ["Q X !", "vmovq to general"],
  ["V V MV @vex | MV V V @vex", "vmaskmovps"],
  ["V X/4", "vbroadcastss, vpbroadcastd"],
  ["V X/8 @256", "vbroadcastsd"],
  ["V X/8", "vpbroadcastq"],
  ["V M16 @256", "vbroadcastf128"],
  ["V M16 @256 @evex", "vbroadcastf32x4"],
  ["V D @evex", "vpbroadcastd from general"],
  ["D V @vex", "vmovmskps"],
  ["V V V/Vb4", "vaddps, vsubps, vmulps, vdivps, vminps, vmaxps, vandps, vandnps, vorps, vxorps"],
  ["V V V/Vb4", "vunpcklps, vunpckhps, vpunpckldq, vpunpckhdq, vpand, vpandn, vpor, vpxor"],
  ["V V V/Vb4", "vpaddd, vpsubd, vpmulld, vpminsd, vpmaxsd, vpminud, vpmaxud, vpsllvd, vpsrlvd, vpsravd"],
  ["V V V/Vb8", "vaddpd, vsubpd, vmulpd, vdivpd, vminpd, vmaxpd, vunpcklpd, vunpckhpd, vpunpcklqdq"],
  ["V V V/Vb8", "vpunpckhqdq, vpaddq, vpsubq, vpmuludq, vpmuldq, vpsllvq, vpsrlvq"],
  ["X X X/4", "vaddss, vsubss, vmulss, vdivss, vminss, vmaxss, vsqrtss, vcvtss2sd"],
  ["X X X/8", "vaddsd, vsubsd, vmulsd, vdivsd, vminsd, vmaxsd, vsqrtsd, vcvtsd2ss"],
  ["V V/Vb4", "vsqrtps, vpabsd, vcvtdq2ps, vcvtps2dq, vcvttps2dq"],
  ["V V/Vb8", "vsqrtpd"],
  ["V V/Vb4 @evex", "vcvtudq2ps, vcvttps2udq"],
  ["V V/Vb4 i", "vroundps, vpshufd"],
  ["V V/Vb8 i", "vroundpd"],
  ["X X X/4 i", "vroundss"],
  ["V V/Vb4 i @evex", "vrndscaleps"],
  ["V V/Vb8 i @evex", "vrndscalepd"],
  ["X X X/4 i @evex", "vrndscaless"],
  ["V V V/V i @vex", "vcmpps, vcmppd, vblendps"],
  ["X X X/4 i @vex", "vcmpss"],
  ["K V V/Vb4 i @evex", "vcmpps to mask, vpcmpd, vpcmpud"],
  ["K V V/Vb8 i @evex", "vcmppd to mask"],
  ["K X X/4 i @evex", "vcmpss to mask"],
  ["K V V/Vb4 @evex", "vptestmd, vptestnmd"],
  ["X X/4 !", "vucomiss"],
  ["V V V/Vb4 @evex", "vpandd, vpandnd, vpord, vpxord, vblendmps, vpblendmd"],
  ["V V V/Vb4 @evex", "vpermt2d, vpermt2ps, vpermi2d, vpermi2ps"],
  ["V V V/Vb4 i @evex", "vpternlogd"],
  ["V V/V @vex", "vptest"],
  ["V V V/V", "vpaddusb, vpshufb"],
  ["V V V/V @vex", "vpcmpeqd, vpcmpgtd"],
  ["V V i | V V X/16", "vpslld, vpsrld, vpsrad, vpsllq, vpsrlq"],
  ["V H/Hb4", "vcvtps2pd, vcvtdq2pd"],
  ["V H/Hb4 @evex", "vcvtudq2pd"],
  ["H V/Vb8", "vcvtpd2ps, vcvttpd2dq"],
  ["X X D/4 !", "vcvtsi2ss"],
  ["D X/4 !", "vcvttss2si"],
  ["V H/H", "vpmovzxdq, vpmovsxdq"],
  ["V V V/Vb4 i", "vshufps"],
  ["V V V/Vb8 i", "vshufpd"],
  ["V V/Vb4 i | V V V/Vb4", "vpermilps"],
  ["V V V/Vb4 i @256 @evex", "vshuff32x4"],
  ["V V V/V i @256 @vex", "vperm2f128"],
  ["V V V/Vb4 @256", "vpermd, vpermps"],
  ["V V/Vb8 i @256", "vpermq, vpermpd"],
  ["X/16 V i @256", "vextractf128"],
  ["X/16 V i @256 @evex", "vextractf32x4"],
  ["Y/32 V i @512", "vextractf64x4"],
  ["V V X/16 i @256", "vinsertf128"],
  ["V V X/16 i @256 @evex", "vinsertf32x4"],
  ["V V Y/32 i @512", "vinsertf64x4"],
  ["X X X/4 i !", "vinsertps"],
  ["D/4 X i !", "vextractps, vpextrd"],
  ["X X D/4 i !", "vpinsrd"],
  ["V V V/V V @vex", "vblendvps"],
  ["V K ! @evex", "vpmovm2d"],
  ["K V ! @evex", "vpmovd2m"],
  ["K K/2 | M2 K", "kmovw"],
  ["K D", "kmovw from general"],
  ["D K", "kmovw to general"],
  ["K K", "kortestw, knotw"],
  ["K K K", "kandw, kandnw, korw, kxnorw, kxorw"],
];

const multiplyAdds = ["vfmadd", "vfmsub", "vfnmadd", "vfnmsub"].flatMap((name) =>
  ["132", "213", "231"].flatMap((order) =>
    Object.entries({ ps: "V V V/Vb4", pd: "V V V/Vb8", ss: "X X X/4", sd: "X X X/8" }).map(
      ([float, signature]) => [signature, `${name}${order}${float}`] as const,
    ),
  ),
);

/** Signatures by the names of instructions. */
export const signatures: ReadonlyMap<string, readonly string[]> = new Map(
  [...groups, ...multiplyAdds].flatMap(([signature, names]) =>
    names.split(", ").map((name) => [name, signature.split(" | ")] as const),
  ),
);

/** Names that EVEX has for what VEX names otherwise. */
export const evexNames: Readonly<Record<string, string>> = {
  ...{ vpand: "vpandd", vpandn: "vpandnd", vpor: "vpord", vpxor: "vpxord" },
  ...{ vroundps: "vrndscaleps", vroundpd: "vrndscalepd", vroundss: "vrndscaless" },
  ...{ vextractf128: "vextractf32x4", vinsertf128: "vinsertf32x4", vbroadcastf128: "vbroadcastf32x4" },
};
