-- Row level security, the second wall behind the API's own checks. The setting ravenmq.tenants, local to the
-- transaction, lists the tenants whose rows may be seen ('{uuid,uuid}'), or is '*' for administrators; without it
-- there are no rows. Engine statements run as the owner, with the tenant carried on every row.

create function sees_all() returns boolean
language sql stable
return current_setting('ravenmq.tenants', true) = '*';

create function seen_tenants() returns uuid[]
language sql stable
return nullif(nullif(current_setting('ravenmq.tenants', true), ''), '*')::uuid[];

do $$
declare
  api text := current_schema() || '_api';
  item record;
begin
  for item in select * from (values
    ('job_live', 'tenant_id', 'select, insert, update, delete'),
    ('job_history', 'tenant_id', 'select, insert, delete'),
    ('execution_logs', 'tenant_id', 'select'),
    ('stats_minute', 'tenant_id', 'select'),
    ('queue_depth_minute', 'tenant_id', 'select'),
    ('organizations', 'id', 'select')
  ) as t(name, tenant_column, privileges) loop
    execute format('alter table %I enable row level security', item.name);
    execute format('create policy all_tenants on %I to %I using ((select sees_all()))', item.name, api);
    execute format('create policy own_tenants on %I to %I using (%I = any ((select seen_tenants())::uuid[]))',
      item.name, api, item.tenant_column);
    execute format('grant %s on %I to %I', item.privileges, item.name, api);
  end loop;
  execute format('grant select on jobs to %I', api);
  -- The order's own tables hold no one's data; cancelling and retrying by hand touch them.
  execute format('grant select, insert, update on turn to %I', api);
  execute format('grant select, insert on queue to %I', api);
  execute format('grant select, update on slot to %I', api);
  execute format('grant select on concurrency_limit to %I', api);
  execute format('grant insert on audit to %I', api);
end $$;
