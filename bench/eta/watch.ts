/** What the plan says of every job while it waits, and how true that was when half of the wait was over. */
import type { Pool } from '../../packages/ravenmq/src/db/connect.ts';
import type { Figures } from '../compare.ts';
import { round } from '../spread.ts';

interface Shown {
  /** Milliseconds since 1970: when it was planned, and the ranges. */
  atMs: number;
  p10: number;
  p50: number;
  p90: number;
}

interface PlanRow {
  at_ms: number;
  job_id: string[];
  start_p10: number[];
  start_p50: number[];
  start_p90: number[];
}

const everyMs = 250;

export interface Watch {
  stop(): Promise<Map<string, Shown[]>>;
}

export function watchPlans(pool: Pool): Watch {
  const shown = new Map<string, Shown[]>();
  let running = true;
  const loop = (async () => {
    let last = 0;
    while (running) {
      const { rows } = await pool.query<PlanRow>(
        `select extract(epoch from planned_at)::float8 * 1e3 as at_ms, job_id, start_p10, start_p50, start_p90 from queue_plan`,
      );
      for (const row of rows) {
        const { at_ms: atMs } = row;
        if (atMs === last) continue;
        last = atMs;
        const at = (column: number[], n: number) => atMs + (column[n] as number);
        row.job_id.forEach((id, n) => {
          const list = shown.get(id) ?? [];
          shown.set(id, list);
          list.push({
            atMs,
            p10: at(row.start_p10, n),
            p50: at(row.start_p50, n),
            p90: at(row.start_p90, n),
          });
        });
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    async stop() {
      running = false;
      await loop;
      return shown;
    },
  };
}

/** The first tenth of the jobs is left out: the predictor has seen nothing then. */
export async function calibration(pool: Pool, shown: Map<string, Shown[]>): Promise<Figures> {
  const { rows } = await pool.query<{ id: string; ready_ms: number; started_ms: number }>(
    `select id, extract(epoch from ready_at)::float8 * 1e3 as ready_ms,
       extract(epoch from started_at)::float8 * 1e3 as started_ms
     from jobs where started_at is not null order by id`,
  );
  let [told, inside, before, error, left, waited] = [0, 0, 0, 0, 0, 0];
  for (const { id, ready_ms: ready, started_ms: started } of rows.slice(Math.floor(rows.length / 10))) {
    const half = ready + (started - ready) / 2;
    const last = shown.get(id)?.findLast(({ atMs }) => atMs <= half);
    if (!last) continue;
    told++;
    waited += started - ready;
    if (started <= last.p90) before++;
    if (started <= last.p90 && started >= last.p10) inside++;
    error += last.p50 - started;
    left += started - half;
  }
  return {
    jobs: rows.length,
    told,
    inside_pct: round((100 * inside) / told, 1),
    before_p90_pct: round((100 * before) / told, 1),
    bias_pct: round((100 * error) / left, 1),
    mean_wait_s: round(waited / told / 1_000),
  };
}
