/**
 * Which waiting jobs to predict again after a run: those of its series, once what is predicted of the series has moved.
 * So a burst of jobs that nobody knew is put in order by the first of them that ends.
 */
import type { Job } from '../predictor/candidate.ts';

/** How much a prediction must have moved for a job to be ranked anew. */
const moved = 1.2;
/** Jobs that one run can move. */
const atMost = 500;

export class Siblings {
  readonly #bySeries = new Map<string, Set<number>>();

  add(place: number, job: Job): void {
    const key = seriesOf(job);
    const places = this.#bySeries.get(key);
    if (places) places.add(place);
    else this.#bySeries.set(key, new Set([place]));
  }

  remove(place: number, job: Job): void {
    const key = seriesOf(job);
    const places = this.#bySeries.get(key);
    places?.delete(place);
    if (places?.size === 0) this.#bySeries.delete(key);
  }

  /** The jobs that wait in the series of `job`, when the oldest of them would be predicted otherwise by now. */
  moved(job: Job, known: (place: number) => number, predict: (place: number) => number): number[] {
    const places = this.#bySeries.get(seriesOf(job));
    if (!places) return [];
    for (const oldest of places) {
      const ratio = predict(oldest) / known(oldest);
      return ratio > moved || ratio < 1 / moved ? [...places].slice(0, atMost) : [];
    }
    return [];
  }
}

const seriesOf = ({ tenant, type, name }: Job) => JSON.stringify([tenant, type, name]);
