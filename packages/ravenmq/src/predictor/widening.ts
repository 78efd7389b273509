/**
 * Keeps the reported 90th percentile at its word: the distance from the median to it is widened a little whenever a run
 * took longer, and narrowed less when not, so that in the long run nine of ten take no longer (adaptive conformal
 * inference, Gibbs and Candès, 2021).
 */
const missed = 0.1;
const rate = 0.02;
const largest = Math.log(4);

export class Widening {
  #log = 0;

  get factor(): number {
    return Math.exp(this.#log);
  }

  observe(exceeded: boolean): void {
    const next = this.#log + rate * (Number(exceeded) - missed);
    this.#log = Math.min(largest, Math.max(-largest, next));
  }
}
