-- Limits of starts beside those of running jobs, pauses of organizations and of everything, shares set by people.

-- A limit of a scope is of running jobs, of starts, or of both. Starts are a token bucket: a token is taken when the
-- gate opens; it fills at starts_per_s up to burst. pending: not in force for all jobs yet; the leader sees to it when
-- whoever set it is gone. A row that limits nothing is on its way out.
alter table concurrency_limit
  alter column max drop not null,
  add column starts_per_s double precision,
  add column burst double precision,
  add column tokens double precision,
  add column filled_at timestamptz,
  add column pending boolean not null default false,
  add column changed_at timestamptz not null default now(),
  add constraint rate_positive check (starts_per_s > 0 and burst >= 1),
  add constraint rate_whole check ((starts_per_s is null) = (burst is null) and (burst is null) = (tokens is null)
    and (tokens is null) = (filled_at is null));
alter table concurrency_limit set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);

create function tokens_of(l concurrency_limit) returns double precision
language sql volatile
return least(l.burst, l.tokens
  + greatest(0, date_part('epoch', clock_timestamp() - l.filled_at)) * l.starts_per_s);

-- Limits that a job counts against, null when none of its scopes is limited.
create or replace function limited_scopes(queue text, tenant uuid, key text) returns text[]
language sql stable
begin atomic
  select array_agg(scope order by scope) from concurrency_limit
  where scope in ('q:' || queue, 't:' || tenant, 'k:' || tenant || ':' || key)
    and (max is not null or starts_per_s is not null);
end;

-- Takes one free slot and one token, whichever there are, in every scope for a job: all or none, never waiting for
-- another session.
create or replace function take_slots(taker uuid, needed text[]) returns boolean
language plpgsql set search_path from current as $$
declare
  one text;
  l concurrency_limit;
  paid text[] := '{}';
begin
  foreach one in array needed loop
    select * into l from concurrency_limit where scope = one;
    if l.max is not null then
      update slot set job_id = taker
      where (scope, n) = (
        select s.scope, s.n from slot s
        where s.scope = one and s.job_id is null and s.n <= l.max
          and not exists (select from slot past where past.scope = one and past.n > l.max)
        order by s.n limit 1 for update of s skip locked);
    end if;
    if found and l.starts_per_s is not null then
      update concurrency_limit c set tokens = tokens_of(c) - 1, filled_at = clock_timestamp()
      where scope = (select scope from concurrency_limit where scope = one for update skip locked)
        and tokens_of(c) >= 1;
      if found then
        paid := paid || one;
      end if;
    end if;
    if not found then
      update slot set job_id = null where job_id = taker;
      update concurrency_limit set tokens = tokens + 1 where scope = any (paid);
      return false;
    end if;
  end loop;
  return true;
end $$;

-- Opens the gates of waiting jobs whose scopes all have room, at most at_most. A gate whose only scope limits running
-- jobs only, and is nobody else's, gets as many jobs as there are free slots, all such gates in one statement. The
-- others take turns: every pass gives each of them one job, in the order of their first ranks, until a pass opens none;
-- those of which a scope has no room now are not among them, so a blocked key costs the others nothing.
create or replace function open_gates(at_most integer, out opened integer, out first_rank bigint)
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
      select h.gate, scope, count(*) over (partition by h.gate) as scopes, count(*) over (partition by scope) as rivals,
        l.starts_per_s is not null as rated
      from heads h cross join unnest(h.scopes) as scope left join concurrency_limit l using (scope)
    ),
    full_scopes as materialized (
      select scope from (select distinct scope from needed) n join concurrency_limit l using (scope)
      where l.max is not null and (
          not exists (select from slot s where s.scope = n.scope and s.job_id is null and s.n <= l.max)
          or exists (select from slot past where past.scope = n.scope and past.n > l.max))
        or l.starts_per_s is not null and tokens_of(l) < 1
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
      where a.scopes = 1 and a.rivals = 1 and not a.rated
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
      where exists (select from needed n where n.gate = h.gate and (n.scopes > 1 or n.rivals > 1 or n.rated))
        and not exists (select from needed n join full_scopes using (scope) where n.gate = h.gate)
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

-- What people set for a tenant: its weight beside the others, and whether its jobs start at all. Lanes carry a copy.
create table share (
  tenant_id uuid primary key,
  weight double precision not null default 1,
  paused boolean not null default false,
  constraint share_weight_range check (weight > 0 and weight <= 1000000)
);

-- One row: whether anything starts.
create table everything (
  id integer primary key default 1,
  paused boolean not null default false,
  constraint one_row check (id = 1)
);
insert into everything default values;

-- Makes a lane visible to claims. Its virtual time catches up with the queue's clock: idling earns nothing.
-- No lock is taken on a lane that is awake.
create or replace function wake_lane(of_queue text, of_tenant uuid) returns void
language sql
begin atomic
  insert into queue (name)
  select of_queue where not exists (select from queue where name = of_queue)
  on conflict do nothing;
  insert into turn (queue, tenant_id, vtime, weight, paused)
  select of_queue, of_tenant, coalesce((select vclock from queue where name = of_queue), 0),
    coalesce((select weight from share where tenant_id = of_tenant), 1),
    coalesce((select paused from share where tenant_id = of_tenant), false)
  where not exists (select from turn t where t.queue = of_queue and t.tenant_id = of_tenant and not t.idle)
  on conflict (queue, tenant_id) do update
    set idle = false, vtime = greatest(turn.vtime, excluded.vtime), touched_at = now();
end;

do $$
begin
  execute format('grant select on share to %I', current_schema() || '_api');
end $$;
