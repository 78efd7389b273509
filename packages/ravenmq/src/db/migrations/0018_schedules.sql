-- Schedules: jobs that are submitted again and again. The leader decides every fire time once: the compare-and-set on
-- next_at and the primary key of schedule_fire make a second decision impossible, however many believe they lead.

create table schedule (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,                        -- coalesce(org_id, user_id), as on a job
  org_id uuid,
  user_id uuid,
  name text not null,
  cron text,
  every_ms bigint,                                -- counted from the anchor
  timezone text not null,
  anchor timestamptz not null,
  type text not null,
  payload jsonb not null,
  queue text not null,
  weight double precision not null,
  max_retries integer not null,
  timeout_ms integer,
  concurrency_key text,
  labels jsonb not null,
  size_hint double precision,
  variant text,
  missed text not null,
  overlap text not null,
  paused boolean not null,
  next_at timestamptz,                            -- the first fire time not decided yet; null: there is none
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (tenant_id, name),
  constraint schedule_tenant check (tenant_id = coalesce(org_id, user_id)),
  constraint schedule_name_length check (length(name) between 1 and 64),
  constraint cron_or_every check ((cron is null) <> (every_ms is null)),
  constraint every_range check (every_ms >= 1000),
  constraint missed_known check (missed in ('skip', 'once', 'all')),
  constraint overlap_known check (overlap in ('allow', 'skip', 'queue'))
);
create index schedule_due on schedule (next_at) where not paused;

create table schedule_fire (
  schedule_id uuid not null references schedule on delete cascade,
  fire_at timestamptz not null,
  tenant_id uuid not null,
  outcome text not null,
  job_id uuid,
  by_hand boolean not null default false,
  error text,
  decided_at timestamptz not null default clock_timestamp(),
  primary key (schedule_id, fire_at),
  constraint fire_outcome_known check (outcome in ('fired', 'waiting', 'overlap', 'missed', 'failed'))
);
create index schedule_fire_waiting on schedule_fire (schedule_id, fire_at) where outcome = 'waiting';

-- Whether a job of the schedule has not ended, or an earlier fire still waits. Twenty fires back: where overlap matters
-- there is one job at a time, and those that were run by hand.
create function schedule_busy(of_id uuid) returns boolean
language sql stable
return exists (
  select from job_live where id = any (array(
    select job_id from schedule_fire where schedule_id = of_id and job_id is not null
    order by fire_at desc limit 20))
) or exists (select from schedule_fire where schedule_id = of_id and outcome = 'waiting');

-- Submits the job of one fire, whose row is there, and notes the outcome on it. Answers the job's rank when it may run
-- at once. A job that the database refuses is noted, so that it does not stop the other schedules.
create function submit_fire(s schedule, of_fire_at timestamptz) returns bigint
language plpgsql set search_path from current as $$
declare
  job uuid := uuid7();
  first_rank bigint;
begin
  begin
    select rank into first_rank from submit_jobs(
      array[job], array[s.org_id], array[s.user_id], array[s.queue],
      array[s.type], array[s.name], array[s.payload::text], array[s.weight], array[null::timestamptz],
      array[null::timestamptz], array[s.max_retries], array[s.timeout_ms], array[null::text], array[null::bytea],
      array[s.concurrency_key], array[(s.labels || jsonb_build_object('schedule', s.name))::text],
      array[s.size_hint], array[s.variant]) where gate is null;
    update schedule_fire set outcome = 'fired', job_id = job, decided_at = clock_timestamp()
    where schedule_id = s.id and fire_at = of_fire_at;
    return first_rank;
  exception when data_exception or integrity_constraint_violation then
    update schedule_fire set outcome = 'failed', error = sqlerrm where schedule_id = s.id and fire_at = of_fire_at;
    return null;
  end;
end $$;

-- The one way a schedule fires by time. Decides the given fire times, all those from `expected` (its next_at) up to
-- `following`, and moves on to that; does nothing when somebody else has moved on or the schedule has changed.
-- missed[i]: the fire comes too late to run.
create function fire_schedule(
  of_proof bigint, of_id uuid, expected timestamptz, fires timestamptz[], missed boolean[], following timestamptz,
  out fired integer, out first_rank bigint
)
language plpgsql set search_path from current as $$
declare
  s schedule;
  decision text;
begin
  fired := 0;
  update schedule set next_at = following
  where id = of_id and next_at = expected and not paused and leads(of_proof) returning * into s;
  if not found then
    return;
  end if;
  for n in 1 .. cardinality(fires) loop
    decision := case
      when missed[n] then 'missed'
      when s.overlap = 'allow' or not schedule_busy(s.id) then 'fired'
      when s.overlap = 'skip' then 'overlap'
      when (select count(*) from schedule_fire where schedule_id = s.id and outcome = 'waiting') < 100 then 'waiting'
      else 'overlap'
    end;
    insert into schedule_fire (schedule_id, fire_at, tenant_id, outcome)
    values (s.id, fires[n], s.tenant_id, decision) on conflict do nothing;
    if found and decision = 'fired' then
      first_rank := least(first_rank, submit_fire(s, fires[n]));
      fired := fired + 1;
    end if;
  end loop;
end $$;

-- Submits the oldest waiting fire of every schedule whose job has ended.
create function fire_waiting(of_proof bigint, at_most integer, out fired integer, out first_rank bigint)
language plpgsql set search_path from current as $$
declare
  s schedule;
  waiting_since timestamptz;
begin
  fired := 0;
  if not leads(of_proof) then
    return;
  end if;
  for s in
    select * from schedule where not paused
      and exists (select from schedule_fire f where f.schedule_id = schedule.id and f.outcome = 'waiting')
      and not exists (select from job_live j where j.id = any (array(
        select f.job_id from schedule_fire f where f.schedule_id = schedule.id and f.job_id is not null
        order by f.fire_at desc limit 20)))
    order by id limit at_most for update skip locked
  loop
    select min(fire_at) into waiting_since from schedule_fire where schedule_id = s.id and outcome = 'waiting';
    continue when waiting_since is null;
    first_rank := least(first_rank, submit_fire(s, waiting_since));
    fired := fired + 1;
  end loop;
end $$;

do $$
declare
  api text := current_schema() || '_api';
  item record;
begin
  for item in select * from (values
    ('schedule', 'select, insert, update, delete'), ('schedule_fire', 'select')
  ) as t(name, privileges) loop
    execute format('alter table %I enable row level security', item.name);
    execute format('create policy all_tenants on %I to %I using ((select sees_all()))', item.name, api);
    execute format('create policy own_tenants on %I to %I using (tenant_id = any ((select seen_tenants())::uuid[]))',
      item.name, api);
    execute format('grant %s on %I to %I', item.privileges, item.name, api);
  end loop;
end $$;
