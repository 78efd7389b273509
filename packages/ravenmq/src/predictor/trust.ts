/**
 * How far a net is believed: the share of its correction to the baseline that has been best for the last runs. So a net
 * that has learned too little, or wrongly, costs little until it is trained again.
 */
const shares = [0, 0.25, 0.5, 0.75, 1];
/** What an error counts falls to a half after so many more runs. */
const decay = 0.5 ** (1 / 500);
/** More than any correction can be wrong by; what is not a number counts as this. */
const hopeless = 10;

export class Trust {
  /** By share: decayed sum of the errors in ln runtime. */
  readonly #errors = shares.map(() => 0);

  get share(): number {
    return shares[this.#errors.indexOf(Math.min(...this.#errors))] as number;
  }

  /** `actual` and `predicted` are residuals over the baseline. */
  observe(actual: number, predicted: number): void {
    for (const [n, share] of shares.entries()) {
      const error = share === 0 ? Math.abs(actual) : Math.abs(actual - share * predicted);
      const counted = Number.isNaN(error) ? hopeless : Math.min(error, hopeless);
      this.#errors[n] = (this.#errors[n] as number) * decay + counted;
    }
  }
}
