/** SQL: where a job that comes back to its queue stands in it. */

const by = (ready: string, job: string, of: (policy: string, rest: string) => string) => {
  const queue = (column: string, otherwise: string) =>
    `coalesce((select ${column} from queue where name = ${job}.queue), ${otherwise})`;
  const rest = `${ready}, ${job}.predicted_p90_ms, ${job}.predicted_mean_ms,
    ${job}.weight, ${job}.deadline, ${queue('stretch', '10')}`;
  return of(queue('policy', "'adaptive'"), rest);
};

/** The rank of a job that becomes ready again at another time. */
export const rankAnew = (ready: string, job = 'j'): string =>
  by(ready, job, (policy, rest) => `rank_of(${policy}, ${rest})`);

/** The rank of a job `j` that comes back without having run: its own, unless the queue has another policy by now. */
export const rankAgain: string = by(
  'j.ready_at',
  'j',
  (policy, rest) => `rank_again(${policy}, j.rank, ${rest})`,
);
