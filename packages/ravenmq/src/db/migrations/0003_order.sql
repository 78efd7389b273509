-- The order: queues, the turns that organizations take in them, and the slots of concurrency limits.

create table queue (
  name text primary key,
  paused boolean not null default false,
  stretch double precision not null default 30,   -- start_by = ready_at + stretch x predicted / weight
  vclock double precision not null default 0,     -- virtual time served so far; never runs backwards
  created_at timestamptz not null default now(),
  constraint queue_name_length check (length(name) between 1 and 64),
  constraint stretch_range check (stretch >= 0)
);

-- A lane is the waiting work of one tenant in one queue. vtime is the predicted work it was given, in milliseconds
-- divided by its weight; the lane with the smallest goes first. A submission touches the row only when the lane
-- wakes from idle; only the leader moves vtime.
create table turn (
  queue text not null,
  tenant_id uuid not null,
  vtime double precision not null default 0,
  weight double precision not null default 1,
  idle boolean not null default false,
  paused boolean not null default false,
  touched_at timestamptz not null default now(),  -- last time it woke or was charged; only a quiet lane goes idle
  primary key (queue, tenant_id),
  constraint turn_weight_positive check (weight > 0)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);
create index turn_next on turn (queue, vtime) where not idle;

-- Work handed out (plus) and corrections after it ran (plus or minus), in milliseconds. Appended by workers, folded
-- into vtime by the leader, so that two claims never wait for each other's turn row.
create table charge (
  queue text not null,
  tenant_id uuid not null,
  ms double precision not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
        vacuum_truncate = off);

-- A limit is as many slot rows as jobs of its scope may hold one at a time. A job holds its slots from the moment
-- its gate opens until it finishes, retries or is cancelled. Scopes: q:<queue>, t:<tenant>, k:<tenant>:<key>.
create table concurrency_limit (
  scope text primary key,
  max integer not null,
  constraint max_range check (max between 0 and 100000)
);

create table slot (
  scope text not null,
  n integer not null,
  job_id uuid,
  primary key (scope, n)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
create index slot_free on slot (scope, n) where job_id is null;
create index slot_held on slot (job_id) where job_id is not null;

-- Opens the gates of waiting jobs whose scopes all have a free slot: smallest rank first within a gate, all slots
-- or none, never waiting for another session. Returns how many were opened.
create function open_gates(at_most integer) returns integer
language plpgsql set search_path from current as $$
declare
  waiting text;
  job record;
  needed text;
  taken integer;
  opened integer := 0;
begin
  waiting := (select min(gate) from job_live where gate is not null);
  while waiting is not null and opened < at_most loop
    <<jobs_of_gate>>
    for job in
      select id, queue, tenant_id, scopes from job_live
      where gate = waiting order by rank, id limit at_most - opened for update skip locked
    loop
      taken := 0;
      foreach needed in array job.scopes loop
        update slot set job_id = job.id
        where (scope, n) = (
          select s.scope, s.n from slot s join concurrency_limit l on l.scope = s.scope
          where s.scope = needed and s.job_id is null and s.n <= l.max
          order by s.n limit 1 for update of s skip locked);
        exit when not found;
        taken := taken + 1;
      end loop;
      if taken < cardinality(job.scopes) then
        update slot set job_id = null where job_id = job.id;
        exit jobs_of_gate;
      end if;
      update job_live set gate = null where id = job.id;
      perform wake_lane(job.queue, job.tenant_id);
      opened := opened + 1;
    end loop;
    waiting := (select min(gate) from job_live where gate > waiting);
  end loop;
  return opened;
end $$;

-- Makes a lane visible to claims. Its virtual time catches up with the queue's clock: idling earns nothing.
-- No lock is taken on a lane that is awake.
create function wake_lane(of_queue text, of_tenant uuid) returns void
language sql
begin atomic
  insert into queue (name)
  select of_queue where not exists (select from queue where name = of_queue)
  on conflict do nothing;
  insert into turn (queue, tenant_id, vtime)
  select of_queue, of_tenant, coalesce((select vclock from queue where name = of_queue), 0)
  where not exists (select from turn t where t.queue = of_queue and t.tenant_id = of_tenant and not t.idle)
  on conflict (queue, tenant_id) do update
    set idle = false, vtime = greatest(turn.vtime, excluded.vtime), touched_at = now();
end;

-- Wakes every lane that has ready jobs and sleeps: a submission that was still uncommitted when the leader let its
-- lane go idle. Walks the ready index from lane to lane, so the cost is that of the lanes, not of the jobs.
create function wake_strays() returns integer
language plpgsql set search_path from current as $$
declare
  lane record;
  woken integer := 0;
begin
  for lane in
    with recursive awake_or_not as (
      (select queue, tenant_id from job_live where status = 'queued' and gate is null
       order by queue, tenant_id limit 1)
      union all
      select next.queue, next.tenant_id from awake_or_not at, lateral (
        select j.queue, j.tenant_id from job_live j
        where j.status = 'queued' and j.gate is null and (j.queue, j.tenant_id) > (at.queue, at.tenant_id)
        order by j.queue, j.tenant_id limit 1) next
    )
    select a.queue, a.tenant_id from awake_or_not a
    where not exists (select from turn t where t.queue = a.queue and t.tenant_id = a.tenant_id and not t.idle)
  loop
    perform wake_lane(lane.queue, lane.tenant_id);
    woken := woken + 1;
  end loop;
  return woken;
end $$;

-- The start-by time in microseconds since 1970. The deadline can only bring it forward, and never before the job
-- is ready: a missed deadline does not overtake everybody for ever.
create function start_by(
  ready_at timestamptz, predicted_ms double precision, p90_ms double precision, weight double precision,
  deadline timestamptz, stretch double precision
) returns bigint
language sql immutable parallel safe
return greatest(
  floor(extract(epoch from ready_at) * 1e6),
  least(
    extract(epoch from ready_at) * 1e6 + stretch * predicted_ms * 1e3 / weight,
    coalesce(extract(epoch from deadline) * 1e6 - p90_ms * 1e3, 'infinity')
  )
)::bigint;
