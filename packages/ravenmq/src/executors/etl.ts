/**
 * Jobs of type `etl`: SQL steps on an embedded DuckDB, from files and URLs to files. The worker finds the files,
 * fetches the URLs and starts a process that runs the SQL (etl-child.ts); outputs get their names when all of them are
 * whole, so a reader never sees half a file.
 */
import { createHash } from 'node:crypto';
import { createReadStream, promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFolders, type Target } from './etl-files.ts';
import { type EtlPayload, etlPayload } from './etl-payload.ts';
import { type EtlMessage, type EtlPlan, planOf } from './etl-plan.ts';
import type { Attempt, Executor } from './executor.ts';
import type { Download } from './http-download.ts';
import { NonRetryable } from './outcome.ts';
import { describeProblems } from './payloads.ts';
import { describeExit, followProgram } from './program.ts';
import { shellPath } from './shell-allow.ts';
import { findLaunchTools, type LaunchTools, launch } from './shell-launch.ts';

const threads = 2;
const maxDownloadBytes = 1024 ** 3;
const maxFileBytes = 64 * 1024 ** 3;
const termGraceMs = 500;
const longestMessage = 1_000_000;
/** Share of the progress that fetching takes, when there is something to fetch. */
const fetchShare = 0.3;
const child = fileURLToPath(new URL('./etl-child.ts', import.meta.url));
/** What DuckDB says of SQL that will fail again. */
const hopeless = /^(Parser|Binder|Catalog|Permission|Not implemented|Syntax) Error/;

export interface EtlOptions {
  /** Absolute folders; `{tenant}` stands for the job's organization. */
  folders: string[];
  /** What DuckDB may use, in megabytes; past it, it writes to a temporary folder. */
  memoryMb: number;
  download: Download;
}

export interface EtlResult {
  sources: { name: string; files: number; bytes: number }[];
  steps: { name: string; rows: number | null; ms: number }[];
  outputs: { file: string; rows: number | null; bytes: number; sha256: string }[];
  rows?: Record<string, unknown>[];
  truncated?: boolean;
  duration_ms: number;
}

export function createEtlExecutor(options: EtlOptions): Executor {
  let tools: Promise<LaunchTools> | undefined;
  return async (attempt) => {
    const parsed = etlPayload.safeParse(attempt.payload);
    if (!parsed.success) throw new NonRetryable(describeProblems(parsed.error).join('; '));
    const payload = parsed.data;
    const startedAt = performance.now();
    const deadline = AbortSignal.timeout(payload.timeout_ms);
    const signal = AbortSignal.any([attempt.signal, deadline]);
    const folder = await fs.mkdtemp(join(tmpdir(), 'ravenmq-etl-'));
    const targets: Target[] = [];
    try {
      const files = await openFolders(options.folders, attempt.tenantId, attempt.jobId);
      for (const output of payload.outputs) targets.push(await files.output(output.file));
      const sources: Record<string, string[]> = {};
      for (const [name, source] of Object.entries(payload.sources)) {
        if (source.file !== undefined) sources[name] = await files.source(source.file);
      }
      await fetchAll(payload, sources, folder, attempt, signal, options.download);
      const staged = targets.map((target) => target.staged);
      const limits = { memoryMb: options.memoryMb, threads, spillFolder: join(folder, 'spill') };
      const plan = planOf(payload, { sources, staged }, limits);
      tools ??= findLaunchTools();
      const told = await runPlan(await tools, plan, folder, attempt, signal, payload);
      const result = {
        sources: await sourcesOf(sources),
        steps: payload.steps.map(({ name }, n) => ({
          name,
          ...(told.parts[Object.keys(sources).length + n] ?? { rows: null, ms: 0 }),
        })),
        outputs: await publish(payload, targets, told.parts.slice(-targets.length)),
        ...told.rows,
        duration_ms: Math.round(performance.now() - startedAt),
      };
      attempt.progress(1);
      return result satisfies EtlResult;
    } catch (error) {
      if (deadline.aborted && !attempt.signal.aborted) {
        throw new Error(`not finished within ${payload.timeout_ms} ms`, { cause: error });
      }
      throw error;
    } finally {
      for (const { staged } of targets) await fs.rm(staged, { force: true });
      await fs.rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  };
}

async function fetchAll(
  payload: EtlPayload,
  sources: Record<string, string[]>,
  folder: string,
  attempt: Attempt,
  signal: AbortSignal,
  download: Download,
): Promise<void> {
  const wanted = Object.entries(payload.sources).filter(([, { url }]) => url !== undefined);
  for (const [n, [name, { url = '', headers = {} }]] of wanted.entries()) {
    attempt.progress((n / wanted.length) * fetchShare, `fetching ${name}`);
    // DuckDB tells compression by the name.
    const file = join(
      folder,
      `${name}-${basename(URL.parse(url)?.pathname ?? '').replace(/[^A-Za-z0-9._-]/g, '_')}`,
    );
    const timeoutMs = payload.timeout_ms;
    const bytes = await download({
      ...{ url, headers, file, attempt, signal, timeoutMs },
      maxBytes: maxDownloadBytes,
    }).catch((error: Error) => {
      error.message = `source ${name}: ${error.message}`;
      throw error;
    });
    attempt.log(`source ${name}: fetched ${bytes} bytes`);
    sources[name] = [file];
  }
}

interface Told {
  parts: { rows: number | null; ms: number }[];
  rows: { rows?: Record<string, unknown>[]; truncated?: boolean };
}

/** Runs the plan in a process; resolves when it is gone and every part of it is done. */
async function runPlan(
  tools: LaunchTools,
  plan: EtlPlan,
  folder: string,
  attempt: Attempt,
  signal: AbortSignal,
  payload: EtlPayload,
): Promise<Told> {
  const told: Told = { parts: [], rows: {} };
  let failure: Extract<EtlMessage, { kind: 'failed' }> | undefined;
  const from = Object.values(payload.sources).some(({ url }) => url !== undefined) ? fetchShare : 0;
  const nameOf = (part: number) => plan.parts[part]?.name ?? 'result';
  const show = (part: number, share: number) =>
    attempt.progress(from + ((part + share) / (plan.parts.length + 1)) * (1 - from), nameOf(part));

  function onMessage(message: EtlMessage): void {
    if (message.kind === 'began') show(message.part, 0);
    else if (message.kind === 'progress') show(message.part, message.share);
    else if (message.kind === 'rows') told.rows = { rows: message.rows, truncated: message.truncated };
    else if (message.kind === 'failed') failure = message;
    else {
      const { part, rows, ms } = message;
      told.parts[part] = { rows, ms };
      if (!nameOf(part).startsWith('source')) attempt.log(`${nameOf(part)}: ${rows ?? 0} rows in ${ms} ms`);
    }
  }

  signal.throwIfAborted();
  const process_ = launch(tools, {
    program: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', child],
    cwd: folder,
    env: { PATH: shellPath.join(':'), HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8' },
    user: undefined,
    maxFileBytes,
  });
  const end = await followProgram(process_, {
    signal,
    timeoutMs: payload.timeout_ms,
    graceMs: () => termGraceMs,
    stdin: JSON.stringify(plan),
    longestLine: longestMessage,
    onLine(line, stream) {
      if (stream !== 'stdout') return;
      const message = messageOf(line);
      if (message) onMessage(message);
    },
  });
  if (end.stopped !== undefined)
    throw signal.reason instanceof Error ? signal.reason : new Error(end.stopped);
  if (failure) {
    const where = failure.part === null ? '' : `${nameOf(failure.part)}: `;
    const kind = hopeless.test(failure.message) ? NonRetryable : Error;
    throw new kind(where + failure.message);
  }
  if (end.exitCode !== 0) throw new Error(`the SQL process ended early, ${describeExit(end)}`);
  return told;
}

/** Undefined for what is no message: a child that is killed may leave half a line. */
function messageOf(line: string): EtlMessage | undefined {
  try {
    return JSON.parse(line) as EtlMessage;
  } catch {
    return undefined;
  }
}

/** Gives every output its name. Each rename is atomic; all of them come after the last statement. */
async function publish(
  payload: EtlPayload,
  targets: Target[],
  parts: Told['parts'],
): Promise<EtlResult['outputs']> {
  const outputs: EtlResult['outputs'] = [];
  const mode = 0o666 & ~process.umask();
  for (const [n, { staged }] of targets.entries()) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(staged)) hash.update(chunk as Buffer);
    const handle = await fs.open(staged, 'r+');
    await handle.chmod(mode);
    await handle.sync();
    const { size } = await handle.stat();
    await handle.close();
    const file = payload.outputs[n]?.file as string;
    outputs.push({ file, rows: parts[n]?.rows ?? null, bytes: size, sha256: hash.digest('hex') });
  }
  for (const { staged, file } of targets) await fs.rename(staged, file);
  return outputs;
}

async function sourcesOf(sources: Record<string, string[]>): Promise<EtlResult['sources']> {
  return Promise.all(
    Object.entries(sources).map(async ([name, files]) => {
      const sizes = await Promise.all(files.map(async (file) => (await fs.stat(file)).size));
      return { name, files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }),
  );
}
