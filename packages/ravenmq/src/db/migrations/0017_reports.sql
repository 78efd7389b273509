-- What attempts tell while they run. Log lines and metrics lie in daily partitions by the job's id, like the history,
-- and are dropped with it; progress is one row per running job.

create table job_log (
  job_id uuid not null,
  seq bigint not null,                            -- fence * 1,000,000 + line of the attempt: later attempts come behind
  tenant_id uuid not null,
  attempt integer not null,                       -- 1 is the first start
  at timestamptz not null,
  level text not null,
  message text not null,
  primary key (job_id, seq),
  constraint log_level_known check (level in ('debug', 'info', 'warn', 'error'))
) partition by range (job_id);

create table job_metric (
  job_id uuid not null,
  tenant_id uuid not null,
  name text not null,
  step bigint not null,
  value double precision not null,
  at timestamptz not null default clock_timestamp(),
  primary key (job_id, name, step),
  constraint metric_name_length check (length(name) between 1 and 64)
) partition by range (job_id);

create table job_progress (
  job_id uuid primary key,
  tenant_id uuid not null,
  fence bigint not null,                          -- an attempt that lost its lease does not overwrite its successor
  share double precision not null,
  note text,
  updated_at timestamptz not null default clock_timestamp(),
  constraint share_range check (share between 0 and 1)
) with (fillfactor = 50);

create table job_log_default partition of job_log default;
create table job_metric_default partition of job_metric default;

-- Makes the daily partitions of everything that goes with the history, from yesterday to days_ahead from now. A day
-- whose rows already lie in the default partition stays there.
create or replace function ensure_partitions(days_ahead integer) returns integer
language plpgsql set search_path from current as $$
declare
  day date;
  parent text;
  child text;
  key text;
  taken boolean;
  made integer := 0;
begin
  for day in select current_date + n from generate_series(-1, days_ahead) n loop
    foreach parent in array array['job_history', 'attempt', 'job_log', 'job_metric'] loop
      child := parent || '_' || to_char(day, 'YYYYMMDD');
      key := case parent when 'job_history' then 'id' else 'job_id' end;
      continue when to_regclass(child) is not null;
      execute format('select exists (select from %I where %I >= $1 and %I < $2)', parent || '_default', key, key)
        into taken using uuid7_floor(day), uuid7_floor(day + 1);
      continue when taken;
      execute format('create table %I partition of %I for values from (%L) to (%L)',
        child, parent, uuid7_floor(day), uuid7_floor(day + 1));
      made := made + 1;
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
    where i.inhparent = any (
        array['job_history'::regclass, 'attempt'::regclass, 'job_log'::regclass, 'job_metric'::regclass])
      and c.relname ~ '_\d{8}$'
      and to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - keep_days
  loop
    execute format('drop table %I', child);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;

do $$
declare
  api text := current_schema() || '_api';
  name text;
begin
  foreach name in array array['job_log', 'job_metric', 'job_progress'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy all_tenants on %I to %I using ((select sees_all()))', name, api);
    execute format('create policy own_tenants on %I to %I using (tenant_id = any ((select seen_tenants())::uuid[]))',
      name, api);
    execute format('grant select on %I to %I', name, api);
  end loop;
end $$;

select ensure_partitions(1);
