/** Seeded random numbers: xoshiro128** (Blackman and Vigna, 2018), its state filled by splitmix32. */

/** The next number in [0, 1). */
export type Random = () => number;

export function seeded(seed: number): Random {
  let mixed = seed | 0;
  const mix = () => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  let [a, b, c, d] = [mix(), mix(), mix(), mix()];
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return (result >>> 0) / 0x1_0000_0000;
  };
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** Standard normal (Box and Muller, 1958). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Puts the numbers in an order of chance (Fisher and Yates; Durstenfeld, 1964). */
export function shuffle(numbers: Uint32Array, random: Random): void {
  for (let n = numbers.length - 1; n > 0; n--) {
    const other = Math.floor(random() * (n + 1));
    const held = numbers[n] as number;
    numbers[n] = numbers[other] as number;
    numbers[other] = held;
  }
}
