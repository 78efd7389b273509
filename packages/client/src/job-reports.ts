import { type CallOptions, pause, type Request } from './request.ts';
import type { Job, LogLine, MetricPoint } from './wire.ts';

export interface LogOptions extends CallOptions {
  /** Only lines behind the one with this `seq`. */
  after?: number;
  /** Go on until the job has ended. */
  follow?: boolean;
}

export interface JobReports {
  /** Log lines, oldest first; with `follow` as they come, until the job has ended. */
  logs(id: string, options?: LogOptions): AsyncGenerator<LogLine, void>;
  /** What the job measured, by name and step. */
  metrics(id: string, options?: CallOptions): Promise<MetricPoint[]>;
}

const page = 1_000;
const lookEveryMs = 400;

export function createJobReports(request: Request): JobReports {
  const get = async <T>(path: string, signal: AbortSignal | undefined) =>
    (await request<T>('GET', path, { signal })).body;

  return {
    async *logs(id, { after = 0, follow = false, signal } = {}) {
      const path = `/jobs/${encodeURIComponent(id)}`;
      let last = after;
      for (;;) {
        // The state first: everything an ended job has told is on record.
        const job = follow ? await get<Job>(path, signal) : undefined;
        const lines = await get<LogLine[]>(`${path}/logs?after=${last}&limit=${page}`, signal);
        yield* lines;
        last = lines.at(-1)?.seq ?? last;
        if (lines.length === page) continue;
        if (!job || ['done', 'failed', 'cancelled'].includes(job.status)) return;
        await pause(lookEveryMs, signal);
      }
    },
    metrics: (id, { signal } = {}) => get(`/jobs/${encodeURIComponent(id)}/metrics`, signal),
  };
}
