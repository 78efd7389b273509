-- A job's last attempt is told by its row in the history; only the attempts before it have rows of their own, in
-- the table attempt. The view execution_logs is both: one row per attempt that started, and one write less per job.

alter table execution_logs rename to attempt;
alter index execution_logs_pkey rename to attempt_pkey;
alter index execution_logs_tenant rename to attempt_tenant;
drop index execution_logs_xid;
do $$
declare
  child text;
begin
  for child in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'attempt'::regclass
  loop
    execute format('alter table %I rename to %I', child, replace(child, 'execution_logs', 'attempt'));
  end loop;
end $$;

alter table job_history
  add column outcome text,                          -- of the last attempt; null when none started
  add column xid xid8 not null default pg_current_xact_id(); -- followers read in this order, below the oldest open one

update job_history h set outcome = a.outcome, xid = a.xid from attempt a
where a.job_id = h.id and a.fence = h.fence and a.final;
delete from attempt a using job_history h where a.job_id = h.id and a.fence = h.fence and a.final;

create index attempt_xid on attempt (xid, job_id);
create index job_history_xid on job_history (xid, id);
drop index attempt_tenant;

create view execution_logs with (security_invoker = true) as
select job_id || '-' || fence as id, job_id, fence, attempt, tenant_id, queue, type, name, outcome, final, runtime_ms,
  predicted_runtime_ms, wait_ms, worker_id, size_hint, variant, error_msg, logged_at, xid
from attempt
union all
select id || '-' || fence, id, fence, retry_count + 1, tenant_id, queue, type, name, outcome, true, runtime_ms,
  predicted_runtime_ms, greatest(0, date_part('epoch', started_at - ready_at) * 1000), worker_id, size_hint, variant,
  error_msg, finished_at, xid
from job_history where outcome is not null;

do $$
begin
  execute format('grant select on execution_logs to %I', current_schema() || '_api');
  -- Retrying by hand turns the last attempt into one before the last.
  execute format('grant insert on attempt to %I', current_schema() || '_api');
end $$;

alter table attempt drop column id;

-- Positions are a transaction and a job in it: no transaction ends two attempts of one job.
alter table follower drop column log_id;
alter table follower add column job_id uuid not null default 'ffffffff-ffff-ffff-ffff-ffffffffffff';
alter table follower alter column job_id set default '00000000-0000-0000-0000-000000000000';

-- Makes the daily partitions of the history from yesterday to days_ahead from now. A day whose rows already lie in
-- the default partition stays there.
create or replace function ensure_partitions(days_ahead integer) returns integer
language plpgsql set search_path from current as $$
declare
  day date;
  parent text;
  child text;
  made integer := 0;
begin
  for day in select current_date + n from generate_series(-1, days_ahead) n loop
    foreach parent in array array['job_history', 'attempt'] loop
      child := parent || '_' || to_char(day, 'YYYYMMDD');
      if to_regclass(child) is null and not exists (
        select from job_history_default where parent = 'job_history'
          and id >= uuid7_floor(day) and id < uuid7_floor(day + 1)
        union all
        select from attempt_default where parent = 'attempt'
          and job_id >= uuid7_floor(day) and job_id < uuid7_floor(day + 1)
      ) then
        execute format('create table %I partition of %I for values from (%L) to (%L)',
          child, parent, uuid7_floor(day), uuid7_floor(day + 1));
        made := made + 1;
      end if;
    end loop;
  end loop;
  return made;
end $$;

-- Drops the daily partitions older than keep_days and returns how many.
create or replace function drop_old_partitions(keep_days integer) returns integer
language plpgsql set search_path from current as $$
declare
  child text;
  dropped integer := 0;
begin
  for child in
    select c.relname from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent in ('job_history'::regclass, 'attempt'::regclass)
      and c.relname ~ '_\d{8}$'
      and to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - keep_days
  loop
    execute format('drop table %I', child);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;

-- Adds the attempts that ended since the last call to the minutes they ended in and to the histogram, each exactly
-- once, in one statement: position and numbers cannot come apart. Returns how many there were.
create or replace function roll_up_attempts(of_term bigint, at_most integer, bounds double precision[]) returns integer
language plpgsql set search_path from current as $$
declare
  position follower;
  counted integer;
  -- width_bucket counts the thresholds at or below a value; negated it counts the upper bounds that a run is within.
  thresholds double precision[] := array(select -1000 * bound from unnest(bounds) bound order by bound desc);
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
    select xid, job_id, tenant_id, type, outcome, final, runtime_ms, predicted_runtime_ms, wait_ms, logged_at
    from execution_logs
    where (xid, job_id) > (position.xid, position.job_id) and xid < pg_snapshot_xmin(pg_current_snapshot())
    order by xid, job_id limit at_most
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
  runs as (
    select type, width_bucket(-runtime_ms, thresholds) as within, count(*) as n, sum(runtime_ms) / 1000 as seconds
    from batch group by 1, 2
  ),
  durations as (
    insert into job_duration as d (type, counts, sum_seconds)
    select type,
      -- For the k-th bound of K: the runs that are within it and all above, K + 1 - k of them; within none: the last.
      array(select coalesce(sum(r.n), 0)::bigint from generate_series(cardinality(bounds), 0, -1) as least_within
        left join runs r on r.type = t.type and r.within >= least_within
        group by least_within order by least_within desc),
      sum(seconds)
    from runs t group by type
    on conflict (type) do update set
      sum_seconds = d.sum_seconds + excluded.sum_seconds,
      counts = (select array_agg(old + new order by n)
        from unnest(d.counts, excluded.counts) with ordinality as c(old, new, n))
  ),
  moved as (
    update follower f set xid = last.xid, job_id = last.job_id
    from (select xid, job_id from batch order by xid desc, job_id desc limit 1) last
    where f.name = 'rollup'
  )
  select count(*) into counted from batch;
  return counted;
end $$;
