/** Fills a fresh system so that every page has something to show: two organizations, real work, failures, a backlog. */
import { createClient, type NewJob, type RavenClient } from '@ravenmq/client';

const shell = (name: string, script: string, more: Partial<NewJob> = {}): NewJob => ({
  name,
  type: 'shell',
  payload: { script },
  ...more,
});

/** Series with run times of their own, in seconds, and how many of each. */
const series: [string, number, number][] = [
  ['thumbnail', 0.08, 60],
  ['send-receipt', 0.15, 40],
  ['sync-inventory', 1.5, 12],
  ['nightly-report', 4, 6],
  ['transcode-video', 8, 4],
];

export interface People {
  admin: RavenClient;
  globex: RavenClient;
}

/** The administrator with an organization of three, and another organization. */
export async function people(url: string, password: string): Promise<People> {
  const admin = createClient({ url });
  await admin.auth.login({ username: 'admin', password });
  const { id } = await admin.orgs.create('Acme Robotics');
  for (const username of ['ada', 'grace']) {
    await createClient({ url }).auth.register({ username, password: `${username}-${password}` });
    await admin.orgs.invite(id, username);
  }
  const globex = createClient({ url });
  await globex.auth.register({ username: 'linus', password: `linus-${password}` });
  await globex.orgs.create('Globex');
  return { admin, globex };
}

/** Work that ends within about half a minute on four slots. */
export async function runHistory(url: string, { admin, globex }: People): Promise<void> {
  const jobs = series.flatMap(([name, seconds, many]) =>
    Array.from({ length: many }, (_, n) =>
      shell(name, `sleep ${(seconds * (0.8 + ((n * 7) % 10) / 20)).toFixed(2)}; echo ${name} ${n}`, {
        queue: name === 'nightly-report' || name === 'transcode-video' ? 'batch' : 'default',
        labels: { team: n % 3 === 0 ? 'shop' : 'ops' },
      }),
    ),
  );
  const calls = Array.from({ length: 24 }, () => ({
    name: 'health-check',
    type: 'http',
    payload: { url: `${url}/health` },
  }));
  const broken = [
    ...Array.from({ length: 4 }, (_, n) =>
      shell('import-orders', `echo "relation orders_${n} does not exist" >&2; exit 3`, { max_retries: 0 }),
    ),
    ...Array.from({ length: 2 }, () => ({
      name: 'notify-partner',
      type: 'http',
      payload: { url: `${url}/no-such-page` },
      max_retries: 0,
    })),
  ];
  const retried = shell(
    'warm-cache',
    `[ "$RAVENMQ_ATTEMPT" -gt 1 ] || { echo 'cache is cold' >&2; exit 1; }; sleep 0.4`,
  );
  const mixed = [...jobs, ...calls, ...broken, retried].sort((a, b) => (hash(a) < hash(b) ? -1 : 1));
  await admin.jobs.submitMany(mixed);
  await globex.jobs.submitMany(jobs.filter((_, n) => n % 3 === 0));
  await idle(admin);
}

/** A backlog that outlasts the pictures. */
export async function fillBacklog({ admin, globex }: People): Promise<void> {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const many = (count: number, job: NewJob) => Array.from({ length: count }, () => job);
  const ofSeries = (name: string, count: number, more: Partial<NewJob> = {}) => {
    const [, seconds = 1] = series.find(([each]) => each === name) ?? [];
    return many(count, shell(name, `sleep ${seconds}`, more));
  };
  await admin.jobs.submitMany(
    interleave([
      ofSeries('transcode-video', 36, { queue: 'batch' }),
      ofSeries('nightly-report', 50, { queue: 'batch' }),
      ofSeries('sync-inventory', 90),
      ofSeries('send-receipt', 30),
      many(3, shell('month-end', 'true', { run_at: inAnHour, labels: { team: 'finance' } })),
    ]),
  );
  await globex.jobs.submitMany(ofSeries('sync-inventory', 40));
}

/** Schedules of several kinds, one paused. Answers the id of one that has fired. */
export async function makeSchedules({ admin }: People): Promise<string> {
  const job = { type: 'shell', payload: { argv: ['/bin/echo', 'done'] } };
  const at = (name: string, cron: string) => ({ name, cron, timezone: 'Europe/Zurich', job });
  const nightly = await admin.schedules.create({ ...at('nightly-report', '30 2 * * *'), overlap: 'skip' });
  await admin.schedules.create(at('open-the-books', '0 9 * * 1-5'));
  await admin.schedules.create({ ...at('month-end', '0 0 1 * *'), paused: true });
  await admin.schedules.create({ name: 'sync-inventory', every_ms: 900_000, job });
  await admin.schedules.run(nightly.id);
  await admin.schedules.run(nightly.id);
  return nightly.id;
}

/** Spreads each series evenly over the whole. */
function interleave(all: NewJob[][]): NewJob[] {
  return all
    .flatMap((jobs) => jobs.map((job, n) => ({ job, at: (n + 0.5) / jobs.length })))
    .sort((a, b) => a.at - b.at)
    .map(({ job }) => job);
}

function hash(value: unknown): number {
  let sum = 7;
  for (const char of JSON.stringify(value)) sum = (sum * 31 + char.charCodeAt(0)) % 1_000_003;
  return sum;
}

async function idle(client: RavenClient): Promise<void> {
  for (;;) {
    const { counts } = await client.analytics.summary();
    if (counts.total_queued + counts.total_running + counts.total_scheduled === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
