/** What docs/benchmarks.md shows of every question: the figure's panels and the tables' columns. */

export interface Column {
  figure: string;
  title: string;
}

export interface Panel {
  benchmark: string;
  title: string;
  /** The number that is drawn, or the beginning of the names of numbers that are drawn as a line. */
  figure: string;
  kind: 'bars' | 'logarithmic' | 'lines';
}

export interface Table {
  benchmark: string;
  title: string;
  columns: Column[];
}

export interface Shown {
  panels: Panel[];
  tables: Table[];
}

const server = { figure: 'server_cpu_ms_per_1000', title: 'server CPU, ms per 1,000' };
const worker = { figure: 'worker_cpu_ms_per_1000', title: 'worker CPU, ms per 1,000' };
const producer = { figure: 'producer_cpu_ms_per_1000', title: 'producer CPU, ms per 1,000' };
const speed = { figure: 'jobs_per_s', title: 'jobs/s' };
const done = { figure: 'done_per_s', title: 'on record, jobs/s' };
const foreign = { figure: 'foreign_cpus', title: 'other work, CPUs' };
const acknowledged = { figure: 'acknowledged_p50_ms', title: 'acknowledged p50, ms' };
const learned = { figure: 'samples_per_s', title: 'samples per CPU second' };
const draining = [speed, done, server, worker, foreign];
const submitting = [speed, server, producer, acknowledged, foreign];
const pickup = [
  { figure: 'pickup_p50_ms', title: 'p50, ms' },
  { figure: 'pickup_p95_ms', title: 'p95, ms' },
  { figure: 'pickup_p99_ms', title: 'p99, ms' },
  acknowledged,
];

const bars = (benchmark: string, title: string, { figure }: Column = speed): Panel => ({
  benchmark,
  title,
  figure,
  kind: 'bars',
});
const logarithmic = (panel: Panel): Panel => ({ ...panel, kind: 'logarithmic' });
const table = (benchmark: string, title: string, columns: Column[]): Table => ({ benchmark, title, columns });

/** Tables and bars of the same measurements, in jobs a second. */
const both = (parts: [benchmark: string, title: string][], columns: Column[]): Shown => ({
  panels: parts.map(([benchmark, title]) => bars(benchmark, `${title}, jobs/s`)),
  tables: parts.map(([benchmark, title]) => table(benchmark, title, columns)),
});

const drained = both(
  [
    ['drain', 'one worker'],
    ['drain-2', 'two workers'],
  ],
  draining,
);

const perTenThousand = [
  { figure: 'last_three_to_first_three', title: 'last three rounds / first three' },
  { figure: 'round_1_jobs_per_s', title: 'first round, jobs/s' },
  { figure: 'round_10_jobs_per_s', title: 'tenth round, jobs/s' },
  { figure: 'cpu_last_three_to_first_three', title: 'the same of server CPU' },
  foreign,
];

export const shown: Record<string, Shown> = {
  drain: {
    panels: [...drained.panels, bars('drain', 'one worker, server CPU, ms per 1,000 jobs', server)],
    tables: drained.tables,
  },
  submit: both(
    [
      ['submit-10', '10 callers'],
      ['submit-32', '32 callers'],
      ['submit-processes', '20 processes with one caller each'],
      ['submit-tx', 'inside the caller’s own transaction, 10 callers'],
    ],
    submitting,
  ),
  bulk: both(
    [
      ['bulk', 'one caller'],
      ['bulk-4', 'four callers'],
    ],
    submitting,
  ),
  latency: {
    panels: [
      bars('latency', 'p50, ms', { figure: 'pickup_p50_ms', title: '' }),
      bars('latency', 'p99, ms', { figure: 'pickup_p99_ms', title: '' }),
    ],
    tables: [table('latency', 'idle system', [...pickup, foreign])],
  },
  mixed: {
    panels: [
      logarithmic(bars('mixed', 'p50, ms', { figure: 'pickup_p50_ms', title: '' })),
      logarithmic(bars('mixed', 'p99, ms', { figure: 'pickup_p99_ms', title: '' })),
      bars('mixed', 'CPU seconds of server, worker and producer per 1,000 jobs', {
        figure: 'cpu_s_per_1000',
        title: '',
      }),
    ],
    tables: [
      table('mixed', '500 jobs a second', [
        ...pickup,
        { figure: 'cpu_s_per_1000', title: 'CPU s per 1,000' },
        { figure: 'server_cpu_s_per_1000', title: 'of it server' },
        foreign,
      ]),
    ],
  },
  backlog: both(
    [
      ['backlog-small', '10,000 more waiting'],
      ['backlog-million', '1,000,000 more waiting'],
    ],
    [speed, server, worker, foreign],
  ),
  pinned: {
    panels: [
      { benchmark: 'pinned', title: 'rounds 1 to 10, jobs/s', figure: 'round_', kind: 'lines' },
      {
        benchmark: 'pinned-arrivals',
        title: 'rounds with arrivals meanwhile, jobs/s',
        figure: 'round_',
        kind: 'lines',
      },
      logarithmic(
        bars('pinned-stream', '1,000 jobs a second for a minute, pickup p99, ms', {
          figure: 'pickup_p99_ms',
          title: '',
        }),
      ),
    ],
    tables: [
      table('pinned', '10,000 in, then 10,000 out', perTenThousand),
      table('pinned-arrivals', '10,000 of all urgencies in and out at the same time', perTenThousand),
      table('pinned-stream', '1,000 jobs a second for a minute', [
        { figure: 'pickup_p50_ms', title: 'p50, ms' },
        { figure: 'pickup_p99_ms', title: 'p99, ms' },
        { figure: 'first_sixth_p99_ms', title: 'p99 of the first 10 s' },
        { figure: 'last_sixth_p99_ms', title: 'p99 of the last 10 s' },
        server,
        foreign,
      ]),
    ],
  },
  floor: {
    panels: [
      bars('floor-drain', 'drain, jobs/s'),
      bars('floor-drain', 'drain, server CPU, ms per 1,000 jobs', server),
      bars('floor-bulk', 'bulk, jobs/s'),
    ],
    tables: [table('floor-drain', 'drain', draining), table('floor-bulk', 'bulk', submitting)],
  },
  api: both(
    [
      ['api-10', 'one by one, 10 callers'],
      ['api-32', 'one by one, 32 callers'],
      ['api-bulk', 'a thousand a call'],
    ],
    submitting,
  ),
  history: both(
    [
      ['history-drain', 'drain'],
      ['history-submit', 'one by one, 10 callers'],
    ],
    [speed, server, foreign],
  ),
  'claim-form': both([['claim-form', 'claims in batches of 100']], [speed]),
  fairness: both([['fairness', 'drain']], draining),
  eta: {
    panels: [
      bars('eta', 'jobs that started between the p10 and p90 they were told, %', {
        figure: 'inside_pct',
        title: '%',
      }),
    ],
    tables: [
      table('eta', 'a mixed run', [
        { figure: 'told', title: 'jobs told' },
        { figure: 'inside_pct', title: 'started between p10 and p90, %' },
        { figure: 'before_p90_pct', title: 'before p90, %' },
        { figure: 'bias_pct', title: 'mean error over mean time left, %' },
        { figure: 'mean_wait_s', title: 'mean wait, s' },
      ]),
    ],
  },
  'net-speed': {
    panels: [bars('net-speed', 'samples learned per second of processor time', learned)],
    tables: [
      table('net-speed', 'training', [learned, { figure: 'predict_us', title: 'one prediction, CPU µs' }]),
    ],
  },
};
