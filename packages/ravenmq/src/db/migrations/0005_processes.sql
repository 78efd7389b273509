-- The processes: workers and the leader among the schedulers.

create table worker_registry (
  worker_id text primary key,                     -- host name, process id and a part unique per start
  name text not null,                             -- the readable part: jobs_processed counts on over restarts
  hostname text not null,
  status text not null default 'active',
  slots integer not null,
  queues text[],                                  -- null: every queue
  types text[],                                   -- what it can run; null: everything
  started_at timestamptz not null default clock_timestamp(),
  last_seen timestamptz not null default clock_timestamp(),
  jobs_processed bigint not null default 0,
  stale_finishes bigint not null default 0,       -- outcomes refused because the lease was lost
  constraint worker_status check (status in ('active', 'offline'))
) with (fillfactor = 50);

create table worker_total (
  name text primary key,
  jobs_processed bigint not null default 0
);

-- One row: who leads, for how long. The term is issued by the database and only grows; whatever a leader writes is
-- guarded by it, so a leader that lost its term without noticing writes nothing.
create table scheduler_leader (
  id integer primary key default 1,
  worker_id text not null,
  term bigint not null,
  backend_pid integer not null,
  backend_start timestamptz not null,
  elected_at timestamptz not null,
  last_seen timestamptz not null,
  expires_at timestamptz not null,
  constraint one_leader check (id = 1)
) with (fillfactor = 50);

-- Readers of execution_logs that see each attempt exactly once: the position is committed with what was made of it.
create table follower (
  name text primary key,
  xid xid8 not null default '0',
  log_id bigint not null default 0
);

create table stats_minute (
  minute timestamptz not null,
  tenant_id uuid not null,
  type text not null,
  done bigint not null default 0,
  failed bigint not null default 0,               -- jobs that failed for good
  cancelled bigint not null default 0,
  attempts bigint not null default 0,
  wait_ms_sum double precision not null default 0,
  runtime_ms_sum double precision not null default 0,
  predicted_ms_sum double precision not null default 0,
  ape_sum double precision not null default 0,    -- absolute percentage errors of successful runs
  ape_count bigint not null default 0,
  primary key (tenant_id, minute, type)
);

create table queue_depth_minute (
  minute timestamptz not null,
  tenant_id uuid not null,
  scheduled bigint not null,
  queued bigint not null,
  running bigint not null,
  primary key (tenant_id, minute)
);

-- The histogram of run times for the metrics: cumulative counts per upper bound, the last one unbounded.
create table job_duration (
  type text primary key,
  counts bigint[] not null,
  sum_seconds double precision not null
);
