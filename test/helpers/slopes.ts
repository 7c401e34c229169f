/** Slopes of a plain function of numbers, by central differences: to check gradients against equations written as loops. */

/** (f(x + h e_i) - f(x - h e_i)) / 2h for each place i of each of the arrays, which are put back as they were. */
export function slopesOf(f: () => number, arrays: readonly Float64Array[], h = 1e-5): number[][] {
  return arrays.map((array) =>
    Array.from(array, (value, at) => {
      const at2 = [1, -1].map((sign) => {
        array[at] = value + sign * h;
        return f();
      }) as [number, number];
      array[at] = value;
      return (at2[0] - at2[1]) / (2 * h);
    }),
  );
}
