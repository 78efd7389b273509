/**
 * What the database itself sees during a trial: triggers write down every change of a job's status, every term of a
 * leader, and whatever a scheduler writes that does not lead; functions and tables of the handlers' effects.
 */
import type { Server } from './server.ts';

/** Tables that only a leader among the schedulers writes to. */
const watched = [
  'job_live',
  'job_history',
  'attempt',
  'turn',
  'queue',
  'charge',
  'slot',
  'stats_minute',
  'queue_depth_minute',
  'follower',
  'job_duration',
];

export async function watchSchema(server: Server, schema: string): Promise<void> {
  await server.query(`
    set search_path = ${schema};
    create table chaos_event (
      seq bigint generated always as identity, job_id uuid, from_status text, to_status text, fence bigint,
      at double precision default extract(epoch from clock_timestamp()) * 1000, by_whom text);
    create function chaos_note_live() returns trigger language plpgsql security definer set search_path from current as $$
    begin
      insert into chaos_event (job_id, from_status, to_status, fence, by_whom)
      values (new.id, case when tg_op = 'UPDATE' then old.status end, new.status, new.fence,
        current_setting('application_name'));
      return null;
    end $$;
    create trigger chaos_insert after insert on job_live for each row execute function chaos_note_live();
    create trigger chaos_update after update on job_live for each row
      when (old.status is distinct from new.status or old.fence <> new.fence) execute function chaos_note_live();
    create function chaos_note_end() returns trigger language plpgsql security definer set search_path from current as $$
    begin
      insert into chaos_event (job_id, to_status, fence, by_whom)
      values (new.id, new.status, new.fence, current_setting('application_name'));
      return null;
    end $$;
    create trigger chaos_end after insert on job_history for each row execute function chaos_note_end();

    create table chaos_term (term bigint primary key, worker_id text, elected_at timestamptz, last_seen timestamptz);
    create function chaos_note_term() returns trigger language plpgsql security definer set search_path from current as $$
    begin
      insert into chaos_term values (new.term, new.worker_id, new.elected_at, new.last_seen)
      on conflict (term) do update set last_seen = excluded.last_seen;
      return null;
    end $$;
    create trigger chaos_term after insert or update on scheduler_leader for each row execute function chaos_note_term();

    -- Whether somebody else led when the writing statement began. An election is made when it is sent, and seen when
    -- it is committed; with a disk that is busy after a crash a statement can begin in between.
    create function chaos_stale(app text) returns boolean language sql stable set search_path from current as $$
      select exists (select from scheduler_leader
        where app <> left('ravenmq ' || worker_id, 63) and elected_at < statement_timestamp() - interval '500 ms') $$;
    create table chaos_stale_write (by_whom text, what text, at timestamptz default clock_timestamp());
    create function chaos_note_stale() returns trigger language plpgsql security definer set search_path from current as $$
    begin
      insert into chaos_stale_write values (current_setting('application_name'), tg_table_name);
      return null;
    end $$;
    do $$ declare t text; begin
      foreach t in array array[${watched.map((table) => `'${table}'`).join(', ')}] loop
        if to_regclass(t) is not null then
          execute format('create trigger chaos_stale after insert or update or delete on %I for each row
            when (current_setting(''application_name'') like ''ravenmq %%-scheduler-%%''
              and chaos_stale(current_setting(''application_name'')))
            execute function chaos_note_stale()', t);
        end if;
      end loop;
    end $$;

    create table chaos_effect (job_id uuid, fence bigint, primary key (job_id, fence));
    create table chaos_fenced (job_id uuid primary key, fence bigint);
    -- One effect on both sinks: one that takes whatever comes, and one that refuses an older fence than it has seen.
    create function chaos_apply(job uuid, with_fence bigint) returns text language plpgsql set search_path from current as $$
    declare
      latest bigint;
    begin
      insert into chaos_effect values (job, with_fence) on conflict do nothing;
      insert into chaos_fenced as f values (job, with_fence)
      on conflict (job_id) do update set fence = greatest(f.fence, excluded.fence) returning fence into latest;
      return case when latest > with_fence then 'refused' else 'applied' end;
    end $$;`);
}
