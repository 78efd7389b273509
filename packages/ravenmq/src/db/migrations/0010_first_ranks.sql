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
