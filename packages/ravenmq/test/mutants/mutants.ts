/** Bugs to plant one at a time, and for each the test that must notice. */
export interface Mutant {
  name: string;
  /** Below packages/ravenmq. In a folder, the last file that has the text: a later migration replaces functions. */
  file: string;
  /** Occurs exactly once in the file. */
  find: string;
  replace: string;
  caughtBy: { project: 'unit' | 'db'; file: string; test: string };
}

const migrations = 'src/db/migrations';

export const mutants: Mutant[] = [
  {
    name: 'a finish counts whatever its fence',
    file: 'src/jobs/turnover.ts',
    find: 'and j.fence = f.fence',
    replace: '',
    caughtBy: {
      project: 'db',
      file: 'src/jobs/turnover.db.test.ts',
      test: 'a finish with an old fence is refused and changes nothing',
    },
  },
  {
    name: 'jobs are reclaimed by id, whatever their lease',
    file: 'src/jobs/reclaim.ts',
    find: 'and lease_expires_at < clock_timestamp()',
    replace: '',
    caughtBy: {
      project: 'db',
      file: 'src/jobs/recovery.db.test.ts',
      test: 'an expired lease gives the job back with an attempt used',
    },
  },
  {
    name: 'a claim waits for locked rows',
    file: 'src/jobs/turnover.ts',
    find: 'for update skip locked',
    replace: 'for update',
    caughtBy: {
      project: 'db',
      file: 'src/jobs/claim-locks.db.test.ts',
      test: 'a claim passes over jobs that another statement has locked',
    },
  },
  {
    name: 'leases are renewed by the clock of the process',
    file: 'src/jobs/renew.ts',
    find: 'set lease_expires_at = clock_timestamp()',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it becomes part of a template
    replace: 'set lease_expires_at = to_timestamp(${Date.now() / 1000})',
    caughtBy: {
      project: 'db',
      file: 'src/jobs/clock.db.test.ts',
      test: 'with a clock that is an hour ahead leases last as long as ever',
    },
  },
  {
    name: 'an attempt counts when it fails, not when it starts',
    file: 'src/jobs/reclaim.ts',
    find: 'case when l.started_at is null then 0 else 1 end',
    replace: '0',
    caughtBy: {
      project: 'db',
      file: 'src/jobs/recovery.db.test.ts',
      test: 'a job whose worker dies at every start starts max_retries',
    },
  },
  {
    name: 'workers wake by notification only',
    file: 'src/worker/worker.ts',
    find: '>= pollMs * 0.75',
    replace: '=== pollMs',
    caughtBy: {
      project: 'db',
      file: 'src/worker/poll.db.test.ts',
      test: 'an idle worker finds jobs that nobody announced',
    },
  },
  {
    name: 'the tenants of a scope are set for the session',
    file: 'src/db/scope.ts',
    find: `set_config('ravenmq.tenants', $2, true)`,
    replace: `set_config('ravenmq.tenants', $2, false)`,
    caughtBy: {
      project: 'db',
      file: 'src/db/scope.db.test.ts',
      test: 'nothing of a scope stays on the connection',
    },
  },
  {
    name: 'members are listed without their organization',
    file: 'src/tenants/organizations.ts',
    find: 'from users where org_id = $1 order by created_at',
    replace: 'from users where $1::uuid is not null order by created_at',
    caughtBy: {
      project: 'db',
      file: 'src/tenants/organizations.db.test.ts',
      test: 'an organization lists and counts its own members only',
    },
  },
  {
    name: 'a release uses up an attempt',
    file: 'src/jobs/settle.ts',
    find: "released = `status = 'queued',",
    replace: "released = `status = 'queued', retry_count = retry_count + 1,",
    caughtBy: {
      project: 'db',
      file: 'src/jobs/recovery.db.test.ts',
      test: 'claim and release, fifty times, use no attempt',
    },
  },
  {
    name: 'a timeout or abort kills the program but not what it started',
    file: 'src/executors/program.ts',
    find: "const gone = await groupEnds(pid, killWaitMs, 'SIGKILL')",
    replace:
      "const gone = (wasStopped && child.kill('SIGKILL')) || (await groupEnds(pid, killWaitMs, 'SIGKILL'))",
    caughtBy: {
      project: 'unit',
      file: 'src/executors/shell.test.ts',
      test: 'with nothing but a shell: an abort ends a program that ignores SIGTERM',
    },
  },
  {
    name: 'retries come back together',
    file: 'src/jobs/backoff.ts',
    find: '0.5 * random()',
    replace: '0.5 * Number(random() < 2)',
    caughtBy: { project: 'unit', file: 'src/jobs/backoff.test.ts', test: 'half of the wait is random' },
  },
  {
    name: 'a leader acts whatever its term',
    file: 'src/jobs/reclaim.ts',
    find: 'and leads($1)',
    replace: 'and $1::bigint is not null',
    caughtBy: {
      project: 'db',
      file: 'src/jobs/recovery.db.test.ts',
      test: 'a leader whose term has passed reclaims and promotes nothing',
    },
  },
  {
    name: 'a batch of logs is applied again',
    file: migrations,
    find: 'where (xid, job_id) > (position.xid, position.job_id) and',
    replace: 'where',
    caughtBy: {
      project: 'db',
      file: 'src/scheduler/rollup-once.db.test.ts',
      test: 'every attempt is added to the statistics once',
    },
  },
  {
    name: 'only the first address of a chain of redirects is checked',
    file: 'src/executors/http-follow.ts',
    find: 'guard.checkUrl(hop.url);',
    replace: 'if (redirected === 0) guard.checkUrl(hop.url);',
    caughtBy: { project: 'unit', file: 'src/executors/http-redirects.test.ts', test: 'a redirect to' },
  },
  {
    name: 'an idempotency key that is taken is no obstacle',
    file: migrations,
    find: 'where i.key is null or i.id in (select job_id from keyed)',
    replace: 'where true',
    caughtBy: {
      project: 'db',
      file: 'src/jobs/submit.db.test.ts',
      test: 'submissions that race with one key make one job',
    },
  },
];
