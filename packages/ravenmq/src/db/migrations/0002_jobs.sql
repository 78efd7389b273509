-- A job is one row: in job_live while it is scheduled, queued or running, then in job_history for good. Finishing
-- moves the row, so the live table stays as small as the work in hand whatever the history. The view jobs is both.

create table job_live (
  id uuid primary key,                          -- UUID version 7, made by the submitter: ordered by creation
  tenant_id uuid not null,                      -- coalesce(org_id, user_id): who shares the queue
  org_id uuid,
  user_id uuid,
  queue text not null,
  type text not null,
  name text not null,
  payload jsonb not null,
  status text not null,
  priority double precision not null,
  weight double precision not null,
  predicted_runtime_ms double precision not null,
  predicted_p90_ms double precision not null,
  predicted_mean_ms double precision not null,  -- what the order counts: an unpredictable job cannot ride on its median
  rank bigint not null,                         -- start-by time in microseconds since 1970; the smallest runs first
  ready_at timestamptz not null,                -- when it became, or becomes, ready to run
  scopes text[],                                -- concurrency limits it counts against; null: none
  gate text,                                    -- not null: waits for a slot in every one of its scopes
  concurrency_key text,
  fence bigint not null default 0,              -- counts claims; a write with an older fence is refused
  worker_id text,
  lease_expires_at timestamptz,
  run_at timestamptz,
  deadline timestamptz,
  timeout_ms integer,
  retry_count integer not null default 0,
  max_retries integer not null,
  crash_count integer not null default 0,       -- leases lost by a worker that died
  cancel_requested boolean not null default false,
  idempotency_key text,
  labels jsonb not null,
  size_hint double precision,
  variant text,
  error_msg text,
  created_at timestamptz not null,
  started_at timestamptz,

  constraint tenant_is_org_or_user check (tenant_id = coalesce(org_id, user_id)),
  constraint live_status check (status in ('scheduled', 'queued', 'running')),
  constraint scheduled_has_run_at check (status <> 'scheduled' or run_at is not null),
  constraint lease_only_while_running check ((status = 'running') = (lease_expires_at is not null)),
  constraint worker_only_while_running check ((status = 'running') = (worker_id is not null)),
  constraint gate_only_while_queued check (gate is null or status = 'queued'),
  constraint started_only_while_running check (started_at is null or status = 'running'),
  constraint priority_range check (priority between 0 and 1),
  constraint weight_range check (weight > 0 and weight <= 1000),
  constraint name_length check (length(name) between 1 and 64),
  constraint type_length check (length(type) between 1 and 64),
  constraint queue_length check (length(queue) between 1 and 64),
  constraint retry_range check (max_retries between 0 and 100),
  constraint timeout_positive check (timeout_ms > 0),
  constraint payload_is_object check (jsonb_typeof(payload) = 'object'),
  constraint labels_are_object check (jsonb_typeof(labels) = 'object')
)
with (
  -- Rows live for seconds: vacuum early and never slowly, and keep room in the page for updates in place.
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0, vacuum_truncate = off,
  toast.autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_vacuum_threshold = 1000,
  toast.autovacuum_vacuum_cost_delay = 0, toast.vacuum_truncate = off
);

create index job_live_tenant on job_live (tenant_id, id);
create index job_live_ready on job_live (queue, tenant_id, rank, id) where status = 'queued' and gate is null;
create index job_live_gated on job_live (gate, rank, id) where gate is not null;
create index job_live_due on job_live (run_at) where status = 'scheduled';
-- No index holds lease_expires_at, so that renewing a lease stays a heap-only update.
create index job_live_running on job_live (worker_id) where status = 'running';

create table job_history (
  id uuid not null,
  tenant_id uuid not null,
  org_id uuid,
  user_id uuid,
  queue text not null,
  type text not null,
  name text not null,
  payload jsonb not null,
  status text not null,
  priority double precision not null,
  weight double precision not null,
  predicted_runtime_ms double precision not null,
  predicted_p90_ms double precision not null,
  predicted_mean_ms double precision not null,
  rank bigint not null,
  ready_at timestamptz not null,
  concurrency_key text,
  fence bigint not null,
  worker_id text,
  run_at timestamptz,
  deadline timestamptz,
  timeout_ms integer,
  retry_count integer not null,
  max_retries integer not null,
  crash_count integer not null,
  idempotency_key text,
  labels jsonb not null,
  size_hint double precision,
  variant text,
  error_msg text,
  result jsonb,
  runtime_ms double precision,                  -- of the last attempt; null when it never started
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz not null,
  primary key (id),
  constraint final_status check (status in ('done', 'failed', 'cancelled'))
) partition by range (id);

create index job_history_tenant on job_history (tenant_id, id);
create index job_history_failed on job_history (tenant_id, id) where status = 'failed';

-- One row per attempt that started. Partitioned like the history, by the job's id, so that (job_id, fence) can be
-- unique: an attempt is recorded once.
create table execution_logs (
  id bigint generated always as identity,
  job_id uuid not null,
  fence bigint not null,
  attempt integer not null,                     -- 1 is the first start
  tenant_id uuid not null,
  queue text not null,
  type text not null,
  name text not null,
  outcome text not null,
  final boolean not null,                       -- the job ended with this attempt
  runtime_ms double precision not null,
  predicted_runtime_ms double precision not null,
  wait_ms double precision not null,            -- ready to start
  worker_id text not null,
  size_hint double precision,
  variant text,
  error_msg text,
  logged_at timestamptz not null,
  xid xid8 not null default pg_current_xact_id(), -- followers read in this order, below the oldest open one
  primary key (job_id, fence),
  constraint outcome_known check (outcome in ('done', 'failed', 'timed_out', 'cancelled', 'crashed'))
) partition by range (job_id);

create index execution_logs_tenant on execution_logs (tenant_id, logged_at);
create index execution_logs_xid on execution_logs (xid, id);

create table idempotency (
  tenant_id uuid not null,
  key text not null,
  request_hash bytea not null,
  job_id uuid not null,
  expires_at timestamptz not null,
  primary key (tenant_id, key),
  constraint key_length check (length(key) between 1 and 200)
);
create index idempotency_expiry on idempotency (expires_at);

create view jobs with (security_invoker = true) as
select id, name, type, payload, status, priority, user_id, org_id, created_at, started_at,
       null::timestamptz as finished_at, retry_count, error_msg, lease_expires_at,
       tenant_id, queue, weight, predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, gate, concurrency_key,
       fence, worker_id, run_at, deadline, timeout_ms, max_retries, crash_count, cancel_requested,
       idempotency_key, labels, size_hint, variant, null::jsonb as result, null::double precision as runtime_ms
from job_live
union all
select id, name, type, payload, status, priority, user_id, org_id, created_at, started_at,
       finished_at, retry_count, error_msg, null::timestamptz,
       tenant_id, queue, weight, predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, null::text, concurrency_key,
       fence, worker_id, run_at, deadline, timeout_ms, max_retries, crash_count, false,
       idempotency_key, labels, size_hint, variant, result, runtime_ms
from job_history;

-- The smallest UUID version 7 of an instant: bounds of partitions and of time filters.
create function uuid7_floor(at timestamptz) returns uuid
language sql immutable parallel safe
return (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid;

create function uuid7() returns uuid
language sql volatile parallel safe
return (
  lpad(to_hex(floor(extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
  || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14, 19)
)::uuid;

-- Makes the daily partitions of the history from yesterday to days_ahead from now. A day whose rows already lie in
-- the default partition stays there.
create function ensure_partitions(days_ahead integer) returns integer
language plpgsql set search_path from current as $$
declare
  day date;
  parent text;
  child text;
  made integer := 0;
begin
  for day in select current_date + n from generate_series(-1, days_ahead) n loop
    foreach parent in array array['job_history', 'execution_logs'] loop
      child := parent || '_' || to_char(day, 'YYYYMMDD');
      if to_regclass(child) is null and not exists (
        select from job_history_default where parent = 'job_history'
          and id >= uuid7_floor(day) and id < uuid7_floor(day + 1)
        union all
        select from execution_logs_default where parent = 'execution_logs'
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
create function drop_old_partitions(keep_days integer) returns integer
language plpgsql set search_path from current as $$
declare
  child text;
  dropped integer := 0;
begin
  for child in
    select c.relname from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent in ('job_history'::regclass, 'execution_logs'::regclass)
      and c.relname ~ '_\d{8}$'
      and to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - keep_days
  loop
    execute format('drop table %I', child);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;

create table job_history_default partition of job_history default;
create table execution_logs_default partition of execution_logs default;
select ensure_partitions(1);
