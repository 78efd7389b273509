-- Questions of the form "what would it have been like": asked by people, answered by the leader's thread.
create table whatif (
  id uuid primary key,
  tenant_id uuid not null,                        -- whose question it is, and whose jobs are replayed unless everything
  user_id uuid,
  everything boolean not null default false,      -- every organization's jobs: administrators only
  asked jsonb not null,
  status text not null default 'waiting',
  progress real not null default 0,
  result jsonb,
  error text,
  cancel_requested boolean not null default false,
  asked_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz,                            -- last sign of life of whoever works on it
  ended_at timestamptz,
  constraint whatif_status check (status in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  constraint ended_is_over check ((ended_at is not null) = (status in ('done', 'failed', 'cancelled')))
);
create index whatif_tenant on whatif (tenant_id, id);
create index whatif_open on whatif (asked_at) where status in ('waiting', 'running');

do $$
declare
  api text := current_schema() || '_api';
begin
  alter table whatif enable row level security;
  execute format('create policy all_tenants on whatif to %I using ((select sees_all()))', api);
  execute format('create policy own_tenants on whatif to %I using (tenant_id = any ((select seen_tenants())::uuid[]))', api);
  execute format('grant select, insert, update on whatif to %I', api);
  -- It lists everybody's jobs: the engine reads it and tells people what is theirs.
  execute format('revoke select on queue_plan from %I', api);
end $$;

-- How many workers of slots_each slots end the predicted work of these queues (null: all) within target_wait_s seconds.
-- Work of paused queues is not counted. For autoscalers that read the database themselves: select ravenmq.desired_workers('{default}').
create or replace function desired_workers(
  of_queues text[] default null, target_wait_s double precision default 60, slots_each integer default 4
) returns integer
language sql stable
return (
  select ceil(coalesce(sum(p.running_ms + case when q.paused then 0 else p.waiting_ms end), 0)
    / (greatest(target_wait_s, 1) * 1000 * greatest(slots_each, 1)))
  from queue_plan p join queue q on q.name = p.queue
  where (of_queues is null or p.queue = any (of_queues)) and p.planned_at > clock_timestamp() - interval '5 minutes'
)::integer;
