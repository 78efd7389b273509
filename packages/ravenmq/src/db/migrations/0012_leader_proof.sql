-- What proves that somebody leads is drawn at every election. A term alone is no proof: after a failover to a standby
-- that was behind, the new primary issues terms that the old one had issued too. Programs of before show their term,
-- which is smaller than every proof.
alter table scheduler_leader add column proof bigint;

create or replace function leads(of_term bigint) returns boolean
language sql stable
return exists (select from scheduler_leader where of_term in (term, proof) and expires_at > clock_timestamp());
