-- The work that waits, as predicted, beside the number of jobs: what people ask of a backlog is how long it takes.
alter table queue_depth_minute add column queued_ms double precision not null default 0;
