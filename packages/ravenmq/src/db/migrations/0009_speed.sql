-- The same results with less work per job.

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

-- The start-by time in microseconds since 1970. The deadline can only bring it forward, and never before the job
-- is ready: a missed deadline does not overtake everybody for ever. date_part, unlike extract, counts in double
-- precision, which holds microseconds exactly until the year 2255. Stable, so that it is inlined.
create or replace function start_by(
  ready_at timestamptz, predicted_ms double precision, p90_ms double precision, weight double precision,
  deadline timestamptz, stretch double precision
) returns bigint
language sql stable parallel safe
return floor(greatest(
  date_part('epoch', ready_at) * 1e6,
  least(
    date_part('epoch', ready_at) * 1e6 + stretch * predicted_ms * 1e3 / weight,
    date_part('epoch', deadline) * 1e6 - p90_ms * 1e3
  )
))::bigint;

drop function submit_jobs(uuid[], uuid[], uuid[], text[], text[], text[], text[], double precision[], timestamptz[],
  timestamptz[], integer[], integer[], text[], bytea[], text[], text[], double precision[], text[]);

-- Inserts a group of jobs in one statement: estimate looked up, rank and priority fixed, idempotency keys settled
-- first. outcome: created | existing (same key, same request) | conflict (same key, other request). Idempotency
-- keys are taken in order, so two groups cannot deadlock. One bad row fails the whole group with its SQLSTATE. A
-- column that is null in every row may be an empty array. n is the row's number for jobs that were not created, whose
-- id is not the one that was given; ready_at is null where it is created_at. When the ids are all that the caller
-- needs (brief), of the created jobs only those held back by a gate come back.
create function submit_jobs(
  ids uuid[], orgs uuid[], users uuid[], queues text[], types text[], names text[], payloads text[],
  weights double precision[], run_ats timestamptz[], deadlines timestamptz[], retries integer[], timeouts integer[],
  keys text[], hashes bytea[], concurrency_keys text[], labels_of text[], size_hints double precision[],
  variants text[], brief boolean default false
) returns table (
  n bigint, outcome text, job_id uuid, status text, priority double precision,
  predicted_runtime_ms double precision, predicted_p90_ms double precision, rank bigint, ready_at timestamptz,
  gate text, created_at timestamptz
)
language plpgsql set search_path from current as $$
#variable_conflict use_column
declare
  moment timestamptz := clock_timestamp();
  limits boolean := exists (select from concurrency_limit);
begin
  return query
  with input as materialized (
    select coalesce(org_id, user_id) as tenant_id, greatest(coalesce(run_at, moment), moment) as due, i.*
    from unnest(ids, orgs, users, queues, types, names, payloads, weights, run_ats, deadlines, retries, timeouts,
      keys, hashes, concurrency_keys, labels_of, size_hints, variants)
    with ordinality as i(id, org_id, user_id, queue, type, name, payload, weight, run_at, deadline, max_retries,
      timeout_ms, key, hash, concurrency_key, labels, size_hint, variant, n)
  ),
  keyed as (
    insert into idempotency (tenant_id, key, request_hash, job_id, expires_at)
    select tenant_id, key, hash, id, moment + interval '7 days' from input where key is not null
    order by tenant_id, key, n
    on conflict do nothing
    returning job_id
  ),
  fresh as (
    select i.*,
      coalesce(series.p50_ms, kind.p50_ms, built_in.p50_ms, 3000) as p50_ms,
      coalesce(series.p90_ms, kind.p90_ms, built_in.p90_ms, 3000) as p90_ms,
      coalesce(series.mean_ms, kind.mean_ms, built_in.mean_ms, 3000) as mean_ms,
      coalesce(q.stretch, 30) as stretch,
      case when limits then limited_scopes(i.queue, i.tenant_id, i.concurrency_key) end as scopes
    from input i
    left join estimate series on series.tenant_id = i.tenant_id and series.type = i.type and series.name = i.name
    left join estimate kind on kind.tenant_id = i.tenant_id and kind.type = i.type and kind.name = ''
    left join estimate built_in on built_in.tenant_id = '00000000-0000-0000-0000-000000000000'
      and built_in.type = i.type and built_in.name = ''
    left join queue q on q.name = i.queue
    where i.key is null or i.id in (select job_id from keyed)
  ),
  inserted as (
    insert into job_live (
      id, tenant_id, org_id, user_id, queue, type, name, payload, status, priority, weight, predicted_runtime_ms,
      predicted_p90_ms, predicted_mean_ms, rank, ready_at, scopes, gate, concurrency_key, run_at, deadline,
      timeout_ms, max_retries, idempotency_key, labels, size_hint, variant, created_at)
    select id, tenant_id, org_id, user_id, queue, type, name, payload::jsonb,
      case when due > moment then 'scheduled' else 'queued' end,
      priority_of(p50_ms), weight, p50_ms, p90_ms, mean_ms,
      start_by(due, mean_ms, p90_ms, weight, deadline, stretch), due, scopes,
      case when due <= moment then array_to_string(scopes, '|') end,
      concurrency_key, run_at, deadline, timeout_ms, max_retries, key, coalesce(labels::jsonb, '{}'), size_hint, variant, moment
    from fresh
    returning id, status, priority, predicted_runtime_ms, predicted_p90_ms, rank, ready_at, gate, created_at
  )
  select null::bigint, 'created', j.id, j.status, j.priority, j.predicted_runtime_ms, j.predicted_p90_ms, j.rank,
    nullif(j.ready_at, moment), j.gate, j.created_at
  from inserted j where not brief or j.gate is not null;

  perform wake_lane(lane.queue, lane.tenant_id) from (
    select distinct i.queue, coalesce(i.org_id, i.user_id) as tenant_id
    from unnest(queues, orgs, users, run_ats) as i(queue, org_id, user_id, run_at)
    where i.run_at is null or i.run_at <= moment
    order by 1, 2
  ) lane;

  if cardinality(array_remove(keys, null)) > 0 then
    return query
    select i.n, case when k.request_hash = i.hash then 'existing' else 'conflict' end, k.job_id,
      null::text, null::double precision, null::double precision, null::double precision, null::bigint,
      null::timestamptz, null::text, null::timestamptz
    from unnest(ids, orgs, users, keys, hashes) with ordinality as i(id, org_id, user_id, key, hash, n)
    join idempotency k on k.tenant_id = coalesce(i.org_id, i.user_id) and k.key = i.key and k.job_id <> i.id;
  end if;
end $$;
