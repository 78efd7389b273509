-- What the predictor publishes for submissions, what it remembers of itself, and which waiting jobs are to follow.

-- A variant of a series has an estimate of its own ('' for the series). A job that says how much there is to do gets
-- the estimate times (1 + size_hint) / e^size_log to the power of size_slope.
alter table estimate
  add column variant text not null default '',
  add column size_log double precision,
  add column size_slope double precision;
alter table estimate drop constraint estimate_pkey, add primary key (tenant_id, type, name, variant);

create function size_factor(size_hint double precision, size_log double precision, size_slope double precision)
returns double precision
language sql immutable parallel safe
return case when size_hint is null or size_log is null or size_slope is null then 1
  else exp(greatest(-4, least(4, size_slope * (ln(1 + greatest(0, size_hint)) - size_log)))) end;

-- What the learning predictor has judged so far: of all runs together, committed with its position, and of each
-- organization's own, a few seconds behind it.
create table predictor_memory (
  id integer primary key default 1,
  judged_globally jsonb,
  judged_by_tenant jsonb,
  report jsonb,                                     -- for people: champions, and every candidate's scores
  leader text,                                      -- the predictor that learns; another follows when its time is over
  leads_until timestamptz not null default '-infinity',
  updated_at timestamptz not null default now(),
  constraint one_row check (id = 1)
);
insert into predictor_memory default values;

-- Trained weights, one row per training run of a candidate.
create table model_version (
  id bigint generated always as identity primary key,
  candidate text not null,
  trained_at timestamptz not null default now(),
  samples integer not null,
  took_ms double precision not null,
  weights bytea not null,                           -- float32, little endian; the shape is the program's
  curve jsonb not null,                             -- loss by epoch
  metrics jsonb not null                            -- scores of the candidate when it was trained
);
create index model_version_candidate on model_version (candidate, id);

-- Who predicts: automatic by measured gain, one candidate by hand, or off (running statistics only).
create table predictor_choice (
  id integer primary key default 1,
  mode text not null default 'auto',
  candidate text,
  version bigint,
  train_asked_at timestamptz,                       -- train now, whatever came since the last time
  changed_at timestamptz not null default now(),
  constraint one_row check (id = 1),
  constraint mode_known check (mode in ('auto', 'fixed', 'off')),
  constraint fixed_names_one check (mode <> 'fixed' or candidate is not null)
);
insert into predictor_choice default values;

-- Every change of who predicts, by measurement or by hand.
create table predictor_event (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  kind text not null,                               -- promoted | fixed | released | off
  question text,                                    -- misorder | logError, of a promotion
  candidate text,
  version bigint,
  before text,
  by_user uuid,
  metrics jsonb not null default '{}'
);

-- Tenants some of whose estimates have moved: the leader walks their waiting jobs once, in the order of their ids.
create table rerank (
  tenant_id uuid primary key,
  position uuid not null default '00000000-0000-0000-0000-000000000000',
  again boolean not null default false,             -- something moved since the walk began
  asked_at timestamptz not null default now()
) with (fillfactor = 50);

-- Brings waiting jobs of one tenant that wait for it up to their present estimates, where these moved by more than a
-- fifth, and puts them where they now belong: at most at_most rows are looked at. Returns how many were, how many
-- changed, and the smallest new rank of those that may run.
create function rerank_waiting(at_most integer, out looked integer, out changed integer, out first_rank bigint)
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
    select id, status, type, name, variant, size_hint, predicted_mean_ms
    from job_live where tenant_id = task.tenant_id and id > task.position order by id limit at_most
  ),
  moved as materialized (
    select w.id, e.* from walked w cross join lateral (
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
      rank = start_by(j.ready_at, m.mean_ms, m.p90_ms, j.weight, j.deadline,
        coalesce((select stretch from queue where name = j.queue), 30))
    from moved m where j.id = m.id and j.id = any (array(select id from locked))
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
      coalesce(own.p50_ms, series.p50_ms, kind.p50_ms, built_in.p50_ms, 3000) * sized.factor as p50_ms,
      coalesce(own.p90_ms, series.p90_ms, kind.p90_ms, built_in.p90_ms, 3000) * sized.factor as p90_ms,
      coalesce(own.mean_ms, series.mean_ms, kind.mean_ms, built_in.mean_ms, 3000) * sized.factor as mean_ms,
      coalesce(q.stretch, 30) as stretch,
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

-- The user and the time that was allowed, where they are known, for the predictor.
create or replace view execution_logs with (security_invoker = true) as
select job_id || '-' || fence as id, job_id, fence, attempt, tenant_id, queue, type, name, outcome, final, runtime_ms,
  predicted_runtime_ms, wait_ms, worker_id, size_hint, variant, error_msg, logged_at, xid,
  null::uuid as user_id, null::integer as timeout_ms
from attempt
union all
select id || '-' || fence, id, fence, retry_count + 1, tenant_id, queue, type, name, outcome, true, runtime_ms,
  predicted_runtime_ms, greatest(0, date_part('epoch', started_at - ready_at) * 1000), worker_id, size_hint, variant,
  error_msg, finished_at, xid, user_id, timeout_ms
from job_history where outcome is not null;
