-- What the leader expects of every queue, as it saw it last: the record that every ETA and every reason is read from.

-- One row per queue, rewritten as a whole. Unlogged: after a crash the leader makes it anew within seconds. Times are
-- milliseconds after planned_at, infinite where nothing will run the job as things are.
create unlogged table queue_plan (
  queue text primary key,
  planned_at timestamptz not null,
  waiting integer not null,                       -- jobs that are ready, also behind gates and beyond the listed ones
  running integer not null,
  workers integer not null,                       -- alive, that serve the queue
  slots integer not null,
  free_slots integer not null,
  waiting_ms double precision not null,           -- predicted work that waits
  running_ms double precision not null,           -- and that is left of what runs
  next_start real[] not null,                     -- when a job that came now and went first would start: p10, p50, p90
  last_start real[] not null,                     -- when the last of those that wait now will have started

  -- Lanes: one tenant's waiting work. Whoever is behind the listed jobs starts beyond_ms after lane_end per job.
  lane_tenant uuid[] not null,
  lane_jobs integer[] not null,
  lane_ms double precision[] not null,
  lane_end real[] not null,
  lane_pace_ms real[] not null,                   -- time from one start of the lane to the next

  -- Waiting jobs, the next first.
  job_id uuid[] not null,
  job_lane integer[] not null,
  job_rank bigint[] not null,
  job_position integer[] not null,                -- all organizations and jobs that are not listed counted
  start_p10 real[] not null, start_p50 real[] not null, start_p90 real[] not null,
  end_p10 real[] not null, end_p50 real[] not null, end_p90 real[] not null,
  job_reason text[] not null,
  job_scope text[] not null,                      -- the limit that holds it back, null: none
  job_worker text[] not null,                     -- on whose slot it will run, null: unknown
  job_slot integer[] not null,

  -- Running jobs.
  run_id uuid[] not null,
  run_worker text[] not null,
  run_slot integer[] not null,                    -- null: claimed, not begun
  run_end_p10 real[] not null, run_end_p50 real[] not null, run_end_p90 real[] not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100,
        autovacuum_vacuum_cost_delay = 0, toast.autovacuum_vacuum_scale_factor = 0,
        toast.autovacuum_vacuum_threshold = 500, toast.autovacuum_vacuum_cost_delay = 0);

-- Waiting work by lane and limit, from every row there is: the one question that reads the table as a whole.
create function waiting_work() returns table (
  queue text, tenant_id uuid, gated boolean, jobs integer, predicted_ms double precision
)
language sql stable set search_path from current set enable_seqscan = on
as $$
  select queue, tenant_id, gate is not null, count(*)::integer, sum(predicted_mean_ms)
  from job_live where status = 'queued' group by 1, 2, 3
$$;

-- How many workers of slots_each slots end the predicted work of these queues (null: all) within target_wait_s seconds.
-- For autoscalers that read the database themselves: select ravenmq.desired_workers('{default}').
create function desired_workers(
  of_queues text[] default null, target_wait_s double precision default 60, slots_each integer default 4
) returns integer
language sql stable
return (
  select ceil(coalesce(sum(waiting_ms + running_ms), 0) / (greatest(target_wait_s, 1) * 1000 * greatest(slots_each, 1)))
  from queue_plan
  where (of_queues is null or queue = any (of_queues)) and planned_at > clock_timestamp() - interval '5 minutes'
)::integer;

do $$
begin
  execute format('grant select on queue_plan to %I', current_schema() || '_api');
end $$;
