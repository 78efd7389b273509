-- What the predictor publishes, and the one way a job enters the system.

-- Estimates per series (tenant, type, name), with name '' for all of a tenant's jobs of a type, and the zero tenant
-- for a built-in type over all tenants. The finest level that exists is used.
create table estimate (
  tenant_id uuid not null,
  type text not null,
  name text not null,
  p50_ms double precision not null,
  p90_ms double precision not null,
  mean_ms double precision not null,              -- of the predicted distribution: what the order counts
  samples bigint not null,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, type, name)
);

-- The priority shown on the row: shorter predicted runtime, higher priority, 0.5 at three seconds.
create function priority_of(predicted_ms double precision) returns double precision
language sql immutable parallel safe
return 1 / (1 + predicted_ms / 3000);

-- Concurrency limits that a job counts against, null when none of its scopes is limited.
create function limited_scopes(queue text, tenant uuid, key text) returns text[]
language sql stable
begin atomic
  select array_agg(scope order by scope) from concurrency_limit
  where scope in ('q:' || queue, 't:' || tenant, 'k:' || tenant || ':' || key);
end;

-- Inserts a group of jobs in one statement: estimate looked up, rank and priority fixed, idempotency keys settled
-- first. outcome: created | existing (same key, same request) | conflict (same key, other request). Idempotency
-- keys are taken in order, so two groups cannot deadlock. One bad row fails the whole group with its SQLSTATE.
create function submit_jobs(
  ids uuid[], orgs uuid[], users uuid[], queues text[], types text[], names text[], payloads text[],
  weights double precision[], run_ats timestamptz[], deadlines timestamptz[], retries integer[], timeouts integer[],
  keys text[], hashes bytea[], concurrency_keys text[], labels_of text[], size_hints double precision[],
  variants text[]
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
  made bigint;
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
      predicted_p90_ms, predicted_mean_ms, rank, ready_at, scopes, gate, concurrency_key, run_at, deadline, timeout_ms, max_retries,
      idempotency_key, labels, size_hint, variant, created_at)
    select id, tenant_id, org_id, user_id, queue, type, name, payload::jsonb,
      case when due > moment then 'scheduled' else 'queued' end,
      priority_of(p50_ms), weight, p50_ms, p90_ms, mean_ms,
      start_by(due, mean_ms, p90_ms, weight, deadline, stretch), due, scopes,
      case when due <= moment then array_to_string(scopes, '|') end,
      concurrency_key, run_at, deadline, timeout_ms, max_retries, key, labels::jsonb, size_hint, variant, moment
    from fresh
    returning id, status, priority, predicted_runtime_ms, predicted_p90_ms, rank, ready_at, gate, created_at
  )
  select i.n, 'created', j.id, j.status, j.priority, j.predicted_runtime_ms, j.predicted_p90_ms, j.rank, j.ready_at,
    j.gate, j.created_at
  from inserted j join input i on i.id = j.id;
  get diagnostics made = row_count;

  perform wake_lane(lane.queue, lane.tenant_id) from (
    select distinct i.queue, coalesce(i.org_id, i.user_id) as tenant_id
    from unnest(queues, orgs, users, run_ats) as i(queue, org_id, user_id, run_at)
    where i.run_at is null or i.run_at <= moment
    order by 1, 2
  ) lane;

  if made < cardinality(ids) then
    return query
    select i.n, case when k.request_hash = i.hash then 'existing' else 'conflict' end, k.job_id,
      null::text, null::double precision, null::double precision, null::double precision, null::bigint,
      null::timestamptz, null::text, null::timestamptz
    from unnest(ids, orgs, users, keys, hashes) with ordinality as i(id, org_id, user_id, key, hash, n)
    join idempotency k on k.tenant_id = coalesce(i.org_id, i.user_id) and k.key = i.key and k.job_id <> i.id;
  end if;
end $$;

-- A job inside the caller's own transaction, from any client: select ravenmq.enqueue('acme', 'mail.send', '{}').
-- The wake-up is left to the workers' poll unless the option notify is true: a NOTIFY in a transaction serialises
-- commits. Options: name, queue, run_at, deadline, weight, max_retries, timeout_ms, idempotency_key,
-- concurrency_key, labels, size_hint, variant, notify.
create function enqueue(org text, type text, payload jsonb default '{}', options jsonb default '{}') returns uuid
language plpgsql set search_path from current as $$
declare
  org_id uuid := (select o.id from organizations o where o.name = org);
  unknown text;
  made record;
begin
  if org_id is null then
    raise exception 'no organization is named %', org using errcode = 'no_data_found';
  end if;
  select string_agg(key, ', ') into unknown from jsonb_object_keys(options) key
  where key not in ('name', 'queue', 'run_at', 'deadline', 'weight', 'max_retries', 'timeout_ms', 'idempotency_key',
    'concurrency_key', 'labels', 'size_hint', 'variant', 'notify');
  if unknown is not null then
    raise exception 'unknown option: %', unknown using errcode = 'invalid_parameter_value';
  end if;
  select * into made from submit_jobs(
    array[uuid7()], array[org_id], array[null::uuid], array[coalesce(options->>'queue', 'default')], array[type],
    array[coalesce(options->>'name', type)], array[payload::text],
    array[coalesce((options->>'weight')::double precision, 1)], array[(options->>'run_at')::timestamptz],
    array[(options->>'deadline')::timestamptz], array[coalesce((options->>'max_retries')::integer, 3)],
    array[(options->>'timeout_ms')::integer], array[options->>'idempotency_key'],
    array[sha256(convert_to(jsonb_build_array(type, payload, options - 'notify')::text, 'UTF8'))],
    array[options->>'concurrency_key'], array[coalesce(options->'labels', '{}')::text],
    array[(options->>'size_hint')::double precision], array[options->>'variant']);
  if made.outcome = 'conflict' then
    raise exception 'idempotency key % was used with another request', options->>'idempotency_key'
      using errcode = 'unique_violation';
  end if;
  if (options->>'notify')::boolean then
    perform pg_notify(wake_up_channel(), '');
  end if;
  return made.job_id;
end $$;

-- The NOTIFY channel: new_job in the default schema, prefixed in any other, as channels are per database.
create function wake_up_channel() returns text
language sql stable set search_path from current
return case current_schema() when 'ravenmq' then 'new_job' else current_schema() || '.new_job' end;
