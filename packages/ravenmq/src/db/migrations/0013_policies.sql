-- Every queue has a policy, by which its jobs are ranked, and a stretch that follows its backlog. One function ranks;
-- order/policies.ts is the same in TypeScript.

alter table queue
  add column policy text not null default 'adaptive',
  add column promise_ms double precision,           -- set by people: who has waited so long goes first; null: reckoned
  add column guard_ms double precision,             -- the promise that is kept just now; null: none
  add constraint policy_known check (policy in ('fifo', 'priority', 'shortest', 'adaptive')),
  add constraint promise_positive check (promise_ms > 0);
alter table queue alter column stretch set default 10;

-- What the leader knows of a queue's arrivals and backlog: see order/stretch.ts and order/guard.ts.
create table queue_backlog (
  queue text primary key,
  peak_ms double precision not null default 0,
  predicted_ms double precision not null default 0,
  submissions double precision not null default 0,
  waits jsonb not null default '[]'                 -- of first come, first served: what the promise is reckoned from
) with (fillfactor = 50);

-- Queues whose policy has changed: the leader walks over the live jobs once, in the order of their ids, as soon as
-- every transaction that may not have seen the change has ended.
create table rerank_queue (
  queue text primary key,
  position uuid not null default '00000000-0000-0000-0000-000000000000',
  after xid8                                        -- drawn by the leader, after the change is seen by everyone
) with (fillfactor = 50);

-- Starts, beside the work, so that of a lane's starts at most every other one is the guard's.
alter table charge add column starts integer not null default 0;
alter table turn add column guard_credit double precision not null default 1;

-- The start-by time in microseconds since 1970. The deadline can only bring it forward, and never before the job
-- is ready: a missed deadline does not overtake everybody for ever. Nothing lies after the year 2255, so that it is a
-- whole number in double precision. Stable, so that it is inlined.
create or replace function start_by(
  ready_at timestamptz, predicted_ms double precision, p90_ms double precision, weight double precision,
  deadline timestamptz, stretch double precision
) returns bigint
language sql stable parallel safe
return floor(greatest(
  date_part('epoch', ready_at) * 1e6,
  least(
    9e15,
    date_part('epoch', ready_at) * 1e6 + stretch * predicted_ms * 1e3 / weight,
    date_part('epoch', deadline) * 1e6 - p90_ms * 1e3
  )
))::bigint;

-- The number by which a job waits, the smallest first; ties go to the older job. All fit in 53 bits.
-- fifo and adaptive: microseconds since 1970. shortest: microseconds of work. priority, below zero: the weight in steps
-- of 0.7 %, heavier first, then the time in milliseconds.
create function rank_of(
  policy text, ready_at timestamptz, p90_ms double precision, mean_ms double precision,
  weight double precision, deadline timestamptz, stretch double precision
) returns bigint
language sql stable parallel safe
return case policy
  when 'adaptive' then start_by(ready_at, mean_ms, p90_ms, weight, deadline, stretch)
  when 'fifo' then floor(date_part('epoch', ready_at) * 1e6)::bigint
  when 'shortest' then least(1e15, floor(mean_ms * 1e3 / weight))::bigint
  else floor(date_part('epoch', ready_at) * 1e3)::bigint
    - (1024 + greatest(-1023, floor(100 * ln(weight) / ln(2::double precision) + 0.5))::bigint) * 4398046511104
end;

-- Ranks of jobs that the guard has brought forward lie before all others, the oldest first.
create function guarded_rank(ready_at timestamptz) returns bigint
language sql stable parallel safe
return floor(date_part('epoch', ready_at) * 1e3)::bigint - 9007199254740991;

create function is_guarded(rank bigint) returns boolean
language sql immutable parallel safe
return rank < -8950000000000000;

-- The stretch that a waiting job of an adaptive queue came with. It is told by the rank, unless that is of another
-- policy, the guard's, or a deadline's: then the queue's present one.
create function stretch_kept(
  policy text, rank bigint, ready_at timestamptz, mean_ms double precision, weight double precision,
  deadline timestamptz, stretch double precision
) returns double precision
language sql stable parallel safe
return case when policy = 'adaptive' and deadline is null and rank > date_part('epoch', ready_at) * 1e6
  then least(1280, (rank - date_part('epoch', ready_at) * 1e6) * weight / (mean_ms * 1e3))
  else stretch end;

-- The rank of a job that comes back to its queue without having run: as before, unless the policy is another now.
create function rank_again(
  policy text, rank bigint, ready_at timestamptz, p90_ms double precision, mean_ms double precision,
  weight double precision, deadline timestamptz, stretch double precision
) returns bigint
language sql stable parallel safe
return case when is_guarded(rank) or (policy = 'adaptive' and rank > 1000000000000000) then rank
  else rank_of(policy, ready_at, p90_ms, mean_ms, weight, deadline, stretch) end;

-- Ranks live jobs of a queue anew whose policy has changed: at most at_most rows of all are looked at. Jobs that
-- somebody has locked are claimed, cancelled or moved at this moment: the walk begins there again the next time. Running
-- ones are ranked when they come back.
create function rerank_queues(at_most integer, out looked integer, out changed integer, out first_rank bigint)
language plpgsql set search_path from current as $$
declare
  task record;
  last uuid;
  passed_over uuid;
begin
  looked := 0;
  changed := 0;
  if at_most = 0 then
    return;
  end if;
  update rerank_queue set after = pg_current_xact_id() where after is null;
  select r.queue, r.position, q.policy, q.stretch into task from rerank_queue r join queue q on q.name = r.queue
  where r.after < pg_snapshot_xmin(pg_current_snapshot())
  limit 1 for update of r skip locked;
  if not found then
    return;
  end if;
  with walked as materialized (
    select id, queue, status from job_live where id >= task.position order by id limit at_most
  ),
  waiting as materialized (
    select id from walked where queue = task.queue and status in ('queued', 'scheduled')
  ),
  locked as materialized (
    select j.id from job_live j where j.id = any (array(select id from waiting)) and j.status in ('queued', 'scheduled')
    order by j.id for update skip locked
  ),
  placed as (
    update job_live j set rank = r.rank
    from (
      select id, rank_of(task.policy, ready_at, predicted_p90_ms, predicted_mean_ms, weight,
        deadline, task.stretch) as rank
      from job_live where id = any (array(select id from locked))
    ) r
    where j.id = r.id and j.rank <> r.rank
    returning j.rank, j.status, j.gate
  )
  select (select count(*) from walked), (select count(*) from placed),
    (select min(rank) from placed where status = 'queued' and gate is null),
    (select id from walked order by id desc limit 1),
    (select id from waiting where id <> all (array(select id from locked)) order by id limit 1)
  into looked, changed, first_rank, last, passed_over;
  if passed_over is not null then
    update rerank_queue r set position = passed_over where r.queue = task.queue;
  elsif looked < at_most then
    delete from rerank_queue r where r.queue = task.queue;
  else
    update rerank_queue r set position = last where r.queue = task.queue;
  end if;
end $$;

-- Brings waiting jobs of one tenant that wait for it up to their present estimates, where these moved by more than a
-- fifth, and puts them where they now belong: at most at_most rows are looked at. Returns how many were, how many
-- changed, and the smallest new rank of those that may run. Jobs keep the stretch that
-- they came with, and what the guard has brought forward stays there.
create or replace function rerank_waiting(at_most integer, out looked integer, out changed integer, out first_rank bigint)
language plpgsql set search_path from current as $$
declare
  task record;
  last uuid;
begin
  looked := 0;
  changed := 0;
  select * into task from rerank where at_most > 0 order by asked_at limit 1 for update skip locked;
  if not found then
    return;
  end if;
  with walked as materialized (
    select id, status, queue, type, name, variant, size_hint, predicted_mean_ms
    from job_live where tenant_id = task.tenant_id and id > task.position order by id limit at_most
  ),
  moved as materialized (
    select w.id, w.queue, e.* from walked w cross join lateral (
      select e.p50_ms * f.factor as p50_ms, e.p90_ms * f.factor as p90_ms, e.mean_ms * f.factor as mean_ms
      from estimate e cross join lateral (select size_factor(w.size_hint, e.size_log, e.size_slope) as factor) f
      where e.tenant_id = task.tenant_id and e.type = w.type and e.name in (w.name, '')
        and e.variant in (coalesce(w.variant, ''), '')
      order by e.name <> '' desc, e.variant <> '' desc limit 1
    ) e
    where w.status in ('queued', 'scheduled')
      and greatest(e.mean_ms, w.predicted_mean_ms) > 1.2 * least(e.mean_ms, w.predicted_mean_ms)
  ),
  locked as materialized (
    select j.id from job_live j where j.id = any (array(select id from moved)) and j.status in ('queued', 'scheduled')
    order by j.id for update skip locked
  ),
  placed as (
    update job_live j set predicted_runtime_ms = m.p50_ms, predicted_p90_ms = m.p90_ms, predicted_mean_ms = m.mean_ms,
      priority = priority_of(m.p50_ms),
      rank = case when is_guarded(j.rank) then j.rank else
        rank_of(coalesce(q.policy, 'adaptive'), j.ready_at, m.p90_ms, m.mean_ms, j.weight, j.deadline,
          stretch_kept(coalesce(q.policy, 'adaptive'), j.rank, j.ready_at, j.predicted_mean_ms,
            j.weight, j.deadline, coalesce(q.stretch, 10))) end
    from moved m left join queue q on q.name = m.queue
    where j.id = m.id and j.id = any (array(select id from locked))
    returning j.rank, j.status, j.gate
  )
  select (select count(*) from walked), (select count(*) from placed),
    (select min(rank) from placed where status = 'queued' and gate is null),
    (select id from walked order by id desc limit 1)
  into looked, changed, first_rank, last;
  if looked < at_most and task.again then
    update rerank set position = default, again = false, asked_at = now() where tenant_id = task.tenant_id;
  elsif looked < at_most then
    delete from rerank where tenant_id = task.tenant_id;
  else
    update rerank set position = last where tenant_id = task.tenant_id;
  end if;
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
  limits boolean;
begin
  -- The transaction's id first: whoever changes a limit or a policy and then waits for all transactions with a smaller
  -- id has waited for those that may not have seen the change.
  perform pg_current_xact_id();
  limits := exists (select from concurrency_limit);
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
      coalesce(own.p50_ms, series.p50_ms, kind.p50_ms, built_in.p50_ms, 3000) * sized.factor as p50_ms,
      coalesce(own.p90_ms, series.p90_ms, kind.p90_ms, built_in.p90_ms, 3000) * sized.factor as p90_ms,
      coalesce(own.mean_ms, series.mean_ms, kind.mean_ms, built_in.mean_ms, 3000) * sized.factor as mean_ms,
      coalesce(q.policy, 'adaptive') as policy, coalesce(q.stretch, 10) as stretch,
      case when limits then limited_scopes(i.queue, i.tenant_id, i.concurrency_key) end as scopes
    from input i
    left join estimate own on own.tenant_id = i.tenant_id and own.type = i.type and own.name = i.name
      and own.variant = i.variant
    left join estimate series on series.tenant_id = i.tenant_id and series.type = i.type and series.name = i.name
      and series.variant = ''
    left join estimate kind on kind.tenant_id = i.tenant_id and kind.type = i.type and kind.name = ''
    left join estimate built_in on built_in.tenant_id = '00000000-0000-0000-0000-000000000000'
      and built_in.type = i.type and built_in.name = ''
    cross join lateral (select size_factor(i.size_hint, coalesce(own.size_log, series.size_log),
      coalesce(own.size_slope, series.size_slope)) as factor) sized
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
      rank_of(policy, due, p90_ms, mean_ms, weight, deadline, stretch), due, scopes,
      case when due <= moment then array_to_string(scopes, '|') end,
      concurrency_key, run_at, deadline, timeout_ms, max_retries, key, coalesce(labels::jsonb, '{}'), size_hint, variant,
      moment
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
