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

-- A lowered limit leaves jobs in slots past it. They move into slots that come free below; until the last has, no
-- new job gets one, so the limit is never exceeded by anyone who came later.
create function move_into_limit() returns void
language plpgsql set search_path from current as $$
declare
  past record;
  free record;
begin
  delete from slot s using concurrency_limit l where l.scope = s.scope and s.n > l.max and s.job_id is null;
  for past in
    select s.scope, s.n, s.job_id, l.max from slot s join concurrency_limit l on l.scope = s.scope
    where s.n > l.max for update of s skip locked
  loop
    select n into free from slot where scope = past.scope and job_id is null and n <= past.max
    order by n limit 1 for update skip locked;
    if found then
      update slot set job_id = past.job_id where scope = past.scope and n = free.n;
      delete from slot where scope = past.scope and n = past.n;
    end if;
  end loop;
end $$;

-- Takes one free slot in every scope for a job: all or none, never waiting for another session.
create function take_slots(taker uuid, needed text[]) returns boolean
language plpgsql set search_path from current as $$
declare
  one text;
begin
  foreach one in array needed loop
    update slot set job_id = taker
    where (scope, n) = (
      select s.scope, s.n from slot s join concurrency_limit l on l.scope = s.scope
      where s.scope = one and s.job_id is null and s.n <= l.max
        and not exists (select from slot past where past.scope = one and past.n > l.max)
      order by s.n limit 1 for update of s skip locked);
    if not found then
      update slot set job_id = null where job_id = taker;
      return false;
    end if;
  end loop;
  return true;
end $$;

-- Opens the gates of waiting jobs whose scopes all have a free slot. Every pass gives each gate one job, the gates in
-- the order of their first ranks, until a pass opens none. Returns how many were opened.
create function open_gates(at_most integer) returns integer
language plpgsql set search_path from current as $$
declare
  head record;
  job record;
  opened integer := 0;
  before integer;
begin
  if not exists (select from job_live where gate is not null) then
    return 0;
  end if;
  perform move_into_limit();
  loop
    before := opened;
    for head in
      with recursive gates as (
        (select min(gate) as gate from job_live where gate is not null)
        union all
        select (select min(j.gate) from job_live j where j.gate > g.gate) from gates g where g.gate is not null
      )
      select g.gate from gates g cross join lateral (
        select rank from job_live j where j.gate = g.gate order by rank, id limit 1) first
      order by first.rank
    loop
      exit when opened >= at_most;
      select id, queue, tenant_id, scopes into job from job_live
      where gate = head.gate order by rank, id limit 1 for update skip locked;
      if found and take_slots(job.id, job.scopes) then
        update job_live set gate = null where id = job.id;
        perform wake_lane(job.queue, job.tenant_id);
        opened := opened + 1;
      end if;
    end loop;
    exit when opened = before or opened >= at_most;
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

-- Wakes every lane that has ready jobs and sleeps, or has lost its queue: a submission that was still uncommitted when
-- the leader let its lane go idle, or forgot its queue. Walks the ready index from lane to lane, so the cost is that of the lanes, not of the jobs.
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
      or not exists (select from queue q where q.name = a.queue)
  loop
    perform wake_lane(lane.queue, lane.tenant_id);
    woken := woken + 1;
  end loop;
  return woken;
end $$;

-- The start-by time in microseconds since 1970. The deadline can only bring it forward, and never before the job
-- is ready: a missed deadline does not overtake everybody for ever. Stable, not immutable, as extract is: only so is
-- it inlined.
create function start_by(
  ready_at timestamptz, predicted_ms double precision, p90_ms double precision, weight double precision,
  deadline timestamptz, stretch double precision
) returns bigint
language sql stable parallel safe
return greatest(
  floor(extract(epoch from ready_at) * 1e6),
  least(
    extract(epoch from ready_at) * 1e6 + stretch * predicted_ms * 1e3 / weight,
    coalesce(extract(epoch from deadline) * 1e6 - p90_ms * 1e3, 'infinity')
  )
)::bigint;

-- Batches as rows. Not unnest in place: the planner takes that for ten rows whatever it holds, and then joins a
-- thousand finishes to a thousand jobs by comparing each with each. Volatile keeps them from being inlined.
create function finishes_of(
  ids uuid[], fences bigint[], outcomes text[], starts timestamptz[], runtimes double precision[], errors text[],
  results text[]
) returns table (
  id uuid, fence bigint, outcome text, started_at timestamptz, runtime_ms double precision, error_msg text, result text
)
language sql volatile rows 1000
as $$ select * from unnest(ids, fences, outcomes, starts, runtimes, errors, results) $$;

create function retries_of(
  ids uuid[], fences bigint[], outcomes text[], starts timestamptz[], runtimes double precision[], errors text[],
  delays double precision[]
) returns table (
  id uuid, fence bigint, outcome text, started_at timestamptz, runtime_ms double precision, error_msg text,
  delay_ms double precision
)
language sql volatile rows 1000
as $$ select * from unnest(ids, fences, outcomes, starts, runtimes, errors, delays) $$;

create function held_of(ids uuid[], fences bigint[], starts timestamptz[]) returns table (
  id uuid, fence bigint, started_at timestamptz
)
language sql volatile rows 1000
as $$ select * from unnest(ids, fences, starts) $$;
