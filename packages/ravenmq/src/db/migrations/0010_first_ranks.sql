-- Looks from the beginning of a lane cost what is dead there; so whoever makes jobs ready says from which rank on.

-- Opens the gates of waiting jobs whose scopes all have a free slot, at most at_most. A gate whose only scope is
-- nobody else's gets as many jobs as there are free slots, all such gates in one statement. Gates that share a scope
-- take turns: every pass gives each of them one job, in the order of their first ranks, until a pass opens none.
drop function open_gates(integer);
create function open_gates(at_most integer, out opened integer, out first_rank bigint)
language plpgsql set search_path from current as $$
declare
  shared text[];
  lanes record;
  head text;
  job record;
  before integer;
begin
  opened := 0;
  if at_most = 0 or not exists (select from job_live where gate is not null) then
    return;
  end if;
  perform move_into_limit();

  for lanes in
    with recursive gates as (
      (select min(gate) as gate from job_live where gate is not null)
      union all
      select (select min(j.gate) from job_live j where j.gate > g.gate) from gates g where g.gate is not null
    ),
    heads as materialized (
      select g.gate, first.scopes, first.rank from gates g cross join lateral (
        select scopes, rank from job_live j where j.gate = g.gate order by rank, id limit 1) first
    ),
    needed as materialized (
      select h.gate, scope, count(*) over (partition by h.gate) as scopes, count(*) over (partition by scope) as rivals
      from heads h cross join unnest(h.scopes) as scope
    ),
    free as materialized (
      select a.gate, a.scope, f.n, row_number() over (partition by a.gate) as k
      from needed a
      join concurrency_limit l on l.scope = a.scope
      cross join lateral (
        select n from slot s
        where s.scope = a.scope and s.job_id is null and s.n <= l.max
          and not exists (select from slot past where past.scope = a.scope and past.n > l.max)
        order by n limit at_most for update skip locked
      ) f
      where a.scopes = 1 and a.rivals = 1
    ),
    chosen as materialized (
      select c.gate, j.*, row_number() over (partition by c.gate order by j.rank, j.id) as k
      from (select gate, count(*) as room from free group by gate) c
      cross join lateral (
        select id, queue, tenant_id, rank from job_live
        where gate = c.gate order by rank, id limit c.room for update skip locked
      ) j
    ),
    held as (
      update slot s set job_id = c.id from free f join chosen c on c.gate = f.gate and c.k = f.k
      where s.scope = f.scope and s.n = f.n
    ),
    ready as (
      update job_live j set gate = null where j.id = any (array(select id from chosen))
    )
    select queue, tenant_id, count(*)::integer as jobs, min(rank) as rank, null::text[] as shared
    from chosen group by queue, tenant_id
    union all
    select null, null, 0, null, array(
      select gate from heads h
      where exists (select from needed n where n.gate = h.gate and (n.scopes > 1 or n.rivals > 1))
      order by rank)
  loop
    if lanes.queue is null then
      shared := lanes.shared;
    else
      perform wake_lane(lanes.queue, lanes.tenant_id);
      opened := opened + lanes.jobs;
      first_rank := least(first_rank, lanes.rank);
    end if;
  end loop;

  loop
    before := opened;
    foreach head in array shared loop
      exit when opened >= at_most;
      select id, queue, tenant_id, scopes, rank into job from job_live
      where gate = head order by rank, id limit 1 for update skip locked;
      if found and take_slots(job.id, job.scopes) then
        update job_live set gate = null where id = job.id;
        perform wake_lane(job.queue, job.tenant_id);
        opened := opened + 1;
        first_rank := least(first_rank, job.rank);
      end if;
    end loop;
    exit when opened = before or opened >= at_most;
  end loop;
end $$;

-- Inserts a group of jobs in one statement: estimate looked up, rank and priority fixed, idempotency keys settled
-- first. outcome: created | existing (same key, same request) | conflict (same key, other request) | first. Idempotency
-- keys are taken in order, so two groups cannot deadlock. One bad row fails the whole group with its SQLSTATE. A
-- column that is null in every row may be an empty array. n is the row's number for jobs that were not created, whose
-- id is not the one that was given; ready_at is null where it is created_at. When the ids are all that the caller
-- needs (brief), of the created jobs only those held back by a gate come back, and, as outcome first, the smallest rank
-- of those that may run now: all that a wake-up has to say.
create or replace function submit_jobs(
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
  from inserted j where not brief or j.gate is not null
  union all
  select null, 'first', null, null, null, null, null, min(j.rank), null, null, null
  from inserted j where brief and j.status = 'queued' and j.gate is null having count(*) > 0;

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
