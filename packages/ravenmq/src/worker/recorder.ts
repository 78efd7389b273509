/**
 * Collects what the attempts of a worker report and writes it in batches: a line waits a quarter of a second at most
 * while the database answers. A worker whose jobs report nothing does nothing here, not even a timer.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Queryable } from '../db/connect.ts';
import type { LogLevel, Reports } from '../executors/executor.ts';
import { type LogLine, type MetricPoint, type ProgressReport, writeReports } from '../jobs/reports.ts';
import type { Logger } from '../log.ts';

/** Of one attempt. */
const longestLine = 4_000;
const mostLines = 10_000;
const mostLogChars = 1_000_000;
const mostPoints = 10_000;
/** Of one statement, and of all that waits while the database does not answer. */
const batch = 1_000;
const mostWaiting = 50_000;
const writeAfterMs = 250;
const retryAfterMs = 1_000;
/** Longest time the end of an attempt waits for its reports, in milliseconds. */
const flushMs = 2_000;

export interface Reporter {
  jobId: string;
  tenantId: string;
  fence: number;
  attempt: number;
}

export interface Recorder {
  /** Starts the reports of one attempt. */
  open(reporter: Reporter): Reports;
  /** Resolves when everything reported so far is written, or after two seconds. */
  flush(): Promise<void>;
}

/** `secrets` are values that no report may hold: they become ***. */
export function createRecorder(db: Queryable, log: Logger, secrets: readonly string[] = []): Recorder {
  let lines: LogLine[] = [];
  let progress = new Map<string, ProgressReport>();
  let metrics = new Map<string, MetricPoint>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  const clean = cleaner(secrets);

  const waiting = () => lines.length + metrics.size;

  function writeSoon(afterMs = writeAfterMs): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void write();
    }, afterMs);
  }

  /** Writes all there is, one statement after another; what failed is kept for the next try. */
  function write(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (waiting() > 0 || progress.size > 0) writeSoon(retryAfterMs);
    });
    return writing;
  }

  async function writeAll(): Promise<void> {
    while (waiting() > 0 || progress.size > 0) {
      const [sentLines, sentProgress] = [lines.slice(0, batch), progress];
      const points = [...metrics].slice(0, batch);
      lines = lines.slice(batch);
      progress = new Map();
      for (const [key] of points) metrics.delete(key);
      try {
        await writeReports(db, {
          lines: sentLines,
          progress: [...sentProgress.values()],
          metrics: points.map(([, point]) => point),
        });
      } catch (error) {
        log.warn({ event: 'reports_not_written', err: error });
        if (waiting() < mostWaiting) {
          lines = [...sentLines, ...lines];
          metrics = new Map([...points, ...metrics]);
        }
        progress = new Map([...sentProgress, ...progress]);
        return;
      }
    }
  }

  function open(reporter: Reporter): Reports {
    let line = 0;
    let chars = 0;
    let points = 0;

    function add(level: LogLevel, message: string): void {
      line++;
      lines.push({ ...reporter, line, at: new Date().toISOString(), level, message });
      writeSoon();
    }

    return {
      log(message, level = 'info') {
        if (line > mostLines || chars > mostLogChars || waiting() > mostWaiting) return;
        for (const text of clean(message).split('\n')) {
          const kept =
            text.length > longestLine ? `${text.slice(0, longestLine)} [...]`.toWellFormed() : text;
          chars += kept.length;
          if (line === mostLines || chars > mostLogChars) {
            add('warn', 'The log of this attempt has reached its limit; what comes after is not kept.');
            line = mostLines + 1;
            return;
          }
          add(level, kept);
        }
      },
      progress(share, note) {
        if (!Number.isFinite(share)) return;
        const { jobId, tenantId, fence } = reporter;
        progress.set(jobId, {
          ...{ jobId, tenantId, fence },
          share: Math.min(1, Math.max(0, share)),
          note: note === undefined ? null : clean(note).slice(0, 200).toWellFormed(),
        });
        writeSoon();
      },
      metric(name, step, value) {
        const key = clean(name).slice(0, 64).toWellFormed();
        const storable = Number.isSafeInteger(step) && Number.isFinite(value) && key !== '';
        if (!storable || waiting() > mostWaiting) return;
        if (++points > mostPoints) {
          if (points === mostPoints + 1)
            add('warn', `More than ${mostPoints} metric points; the rest is not kept.`);
          return;
        }
        const { jobId, tenantId } = reporter;
        metrics.set(`${jobId} ${step} ${key}`, { jobId, tenantId, name: key, step, value });
        writeSoon();
      },
    };
  }

  return {
    open,
    flush() {
      clearTimeout(timer);
      timer = undefined;
      return within(flushMs, write());
    },
  };
}

/** Text that can be stored and shown: no escape sequences, no control characters but tab and newline, no secrets. */
function cleaner(secrets: readonly string[]): (text: string) => string {
  // Shorter ones would black out ordinary words.
  const known = secrets.filter((secret) => secret.length >= 6).toSorted((a, b) => b.length - a.length);
  return (text) => {
    let safe = stripVTControlCharacters(text)
      .replaceAll('\r\n', '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
      .toWellFormed();
    for (const secret of known) safe = safe.replaceAll(secret, '***');
    return safe;
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
