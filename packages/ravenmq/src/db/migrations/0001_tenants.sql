-- Who uses the system: organizations, users, keys, the audit trail; and the role the API reads as.

create table organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  created_at timestamptz not null default now(),
  constraint organization_name_length check (length(name) between 2 and 64)
);

create table users (
  id uuid primary key default gen_random_uuid(),
  username text not null,
  password_hash text not null,
  role text not null default 'user',
  org_id uuid references organizations,
  session_version integer not null default 0,     -- raised to end every session and token of the user
  created_at timestamptz not null default now(),
  constraint role_known check (role in ('admin', 'org_admin', 'user')),
  constraint org_admin_has_org check (role <> 'org_admin' or org_id is not null)
);
create unique index users_name on users (lower(username));
create index users_org on users (org_id);

create table api_key (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users,
  name text not null,
  key_hash bytea not null unique,                  -- SHA-256 of the key; the key itself is shown once
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint key_name_length check (length(name) between 1 and 64)
);

-- Every administrative change, written in the same transaction as the change. Rows are only ever added.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor_id uuid,
  org_id uuid,
  action text not null,
  target text not null,
  detail jsonb not null default '{}',
  request_id text
);
create index audit_org on audit (org_id, id);

-- Fixed windows of a minute, counted over all API replicas.
create table rate_limit (
  bucket text not null,
  minute timestamptz not null,
  count integer not null,
  primary key (bucket, minute)
);

-- The API reads and edits as this role. It owns nothing, so row level security holds for it. Its name carries the
-- schema's, since roles belong to the whole server.
do $$
begin
  if not exists (select from pg_roles where rolname = current_schema() || '_api') then
    execute format('create role %I nologin', current_schema() || '_api');
  end if;
  execute format('grant %I to current_user with set true, inherit false', current_schema() || '_api');
  execute format('grant usage on schema %I to %I', current_schema(), current_schema() || '_api');
end $$;
