-- The same results with less work per job.

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
    select xid, id, tenant_id, type, outcome, final, runtime_ms, predicted_runtime_ms, wait_ms, logged_at
    from execution_logs
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
    update follower f set xid = last.xid, log_id = last.id
    from (select xid, id from batch order by xid desc, id desc limit 1) last
    where f.name = 'rollup'
  )
  select count(*) into counted from batch;
  return counted;
end $$;

-- A lowered limit leaves jobs in slots past it. They move into slots that come free below; until the last has, no
-- new job gets one, so the limit is never exceeded by anyone who came later. The held row keeps its identity and
-- changes its number: a finish that waits for it then finds it under the new one.
create or replace function move_into_limit() returns void
language plpgsql set search_path from current as $$
declare
  past record;
  free record;
begin
  delete from slot s using concurrency_limit l where l.scope = s.scope and s.n > l.max and s.job_id is null;
  for past in
    select s.scope, s.n, l.max from slot s join concurrency_limit l on l.scope = s.scope
    where s.n > l.max for update of s skip locked
  loop
    select n into free from slot where scope = past.scope and job_id is null and n <= past.max
    order by n limit 1 for update skip locked;
    if found then
      delete from slot where scope = past.scope and n = free.n;
      update slot set n = free.n where scope = past.scope and n = past.n;
    end if;
  end loop;
end $$;
