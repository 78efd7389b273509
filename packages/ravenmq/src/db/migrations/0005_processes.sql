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

-- Whether a term is the present one and has not expired: what every statement of a leader asks first. Stable, so
-- that a statement asks once and not per row.
create function leads(of_term bigint) returns boolean
language sql stable
return exists (select from scheduler_leader where term = of_term and expires_at > clock_timestamp());

-- Adds the attempts that ended since the last call to the minutes they ended in and to the histogram, each exactly
-- once, in one statement: position and numbers cannot come apart. Returns how many there were.
create function roll_up_attempts(of_term bigint, at_most integer, bounds double precision[]) returns integer
language plpgsql set search_path from current as $$
declare
  position follower;
  counted integer;
begin
  if not leads(of_term) then
    return 0;
  end if;
  insert into follower (name)
  select 'rollup' where not exists (select from follower where name = 'rollup') on conflict do nothing;
  select * into position from follower where name = 'rollup' for update skip locked;
  if not found then
    return 0;
  end if;

  with batch as materialized (
    select * from execution_logs
    where (xid, id) > (position.xid, position.log_id) and xid < pg_snapshot_xmin(pg_current_snapshot())
    order by xid, id limit at_most
  ),
  minutes as (
    insert into stats_minute as m (minute, tenant_id, type, done, failed, cancelled, attempts, wait_ms_sum,
      runtime_ms_sum, predicted_ms_sum, ape_sum, ape_count)
    select date_trunc('minute', logged_at), tenant_id, type,
      count(*) filter (where outcome = 'done'),
      count(*) filter (where final and outcome not in ('done', 'cancelled')),
      count(*) filter (where outcome = 'cancelled'),
      count(*), sum(wait_ms),
      coalesce(sum(runtime_ms) filter (where outcome = 'done'), 0),
      coalesce(sum(predicted_runtime_ms) filter (where outcome = 'done'), 0),
      coalesce(sum(abs(predicted_runtime_ms - runtime_ms) / greatest(runtime_ms, 1)) filter (where outcome = 'done'), 0),
      count(*) filter (where outcome = 'done')
    from batch group by 1, 2, 3
    on conflict (tenant_id, minute, type) do update set
      done = m.done + excluded.done, failed = m.failed + excluded.failed,
      cancelled = m.cancelled + excluded.cancelled, attempts = m.attempts + excluded.attempts,
      wait_ms_sum = m.wait_ms_sum + excluded.wait_ms_sum,
      runtime_ms_sum = m.runtime_ms_sum + excluded.runtime_ms_sum,
      predicted_ms_sum = m.predicted_ms_sum + excluded.predicted_ms_sum,
      ape_sum = m.ape_sum + excluded.ape_sum, ape_count = m.ape_count + excluded.ape_count
  ),
  durations as (
    insert into job_duration as d (type, counts, sum_seconds)
    select type, array_agg(runs order by k), max(seconds) from (
      select b.type, u.k, count(*) filter (where b.runtime_ms <= u.bound * 1000) as runs,
        sum(b.runtime_ms) / 1000 as seconds
      from batch b cross join unnest(bounds || 'infinity'::double precision) with ordinality as u(bound, k)
      group by b.type, u.k
    ) t group by type
    on conflict (type) do update set
      sum_seconds = d.sum_seconds + excluded.sum_seconds,
      counts = (select array_agg(old + new order by n)
        from unnest(d.counts, excluded.counts) with ordinality as c(old, new, n))
  ),
  moved as (
    update follower f set xid = last.xid, log_id = last.id
    from (select xid, id from batch order by xid desc, id desc limit 1) last
    where f.name = 'rollup'
  )
  select count(*) into counted from batch;
  return counted;
end $$;
