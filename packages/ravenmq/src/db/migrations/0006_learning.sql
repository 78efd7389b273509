-- Running statistics of successful runs, one row per level: series (tenant, type, name), type of a tenant (name ''),
-- built-in type over all tenants (zero tenant, name ''). Weights and sums are decayed: see predictor/running-stats.ts.
create table series_stat (
  tenant_id uuid not null,
  type text not null,
  name text not null,
  samples bigint not null default 0,
  log_weight double precision not null default 0,
  log_mean double precision not null default 0,       -- of ln(milliseconds)
  log_square double precision not null default 0,     -- decayed sum of squared deviations
  weight double precision not null default 0,
  mean_ms double precision not null default 0,
  failed bigint not null default 0,                   -- these runs are counted only
  timed_out bigint not null default 0,
  cancelled bigint not null default 0,
  crashed bigint not null default 0,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, type, name)
) with (fillfactor = 70); -- no index holds what changes, so that learning stays a heap-only update
