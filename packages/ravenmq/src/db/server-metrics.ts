/**
 * The state of the database server, as Prometheus text: what an engineer looks at when everything is slow. Sessions of
 * other roles show their snapshots only to members of pg_monitor; without it the oldest of our own counts.
 */
import { Gauge, Registry } from 'prom-client';
import type { Queryable } from './connect.ts';

export async function readServerMetrics(db: Queryable): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });

  const { rows } = await db.query<Record<string, number>>(serverText);
  for (const [column, help] of Object.entries(serverGauges))
    gauge(`ravenmq_database_${column}`, help).set(rows[0]?.[column] ?? 0);

  const dead = gauge('ravenmq_dead_tuples', 'Rows that vacuum has not removed yet', ['table']);
  const live = gauge('ravenmq_live_tuples', 'Rows, by the statistics', ['table']);
  const tables = await db.query<{ name: string; dead: number; live: number }>(tablesText);
  for (const table of tables.rows) {
    dead.set({ table: table.name }, table.dead);
    live.set({ table: table.name }, table.live);
  }

  const ahead = gauge('ravenmq_partition_days_ahead', 'Days that partitions exist for beyond today', [
    'table',
  ]);
  const partitions = await db.query<{ name: string; days: number }>(partitionsText);
  for (const { name, days } of partitions.rows) ahead.set({ table: name }, days);
  return registry.metrics();
}

const serverGauges = {
  connections: 'Connections of clients to this server, of everyone',
  connections_max: 'max_connections of the server',
  notification_queue_usage_ratio: 'How full the queue of NOTIFY is; at 1 commits that notify fail',
  oldest_transaction_seconds: 'Age of the oldest open transaction in this database',
  oldest_snapshot_transactions: 'Transactions since the oldest snapshot that vacuum has to respect',
  size_bytes: 'Size of this database on disk',
};

const serverText = `select
  (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
  current_setting('max_connections')::integer as connections_max,
  pg_notification_queue_usage() as notification_queue_usage_ratio,
  coalesce((select greatest(0, extract(epoch from clock_timestamp() - min(xact_start)))::float8 from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()), 0) as oldest_transaction_seconds,
  coalesce(greatest(
    (select max(age(backend_xmin)) from pg_stat_activity where pid <> pg_backend_pid()),
    (select max(age(xmin)) from pg_replication_slots),
    (select max(age(transaction)) from pg_prepared_xacts)), 0) as oldest_snapshot_transactions,
  pg_database_size(current_database()) as size_bytes`;

/** Daily partitions are left out: they would be new series every day. */
const tablesText = `select relname as name, n_dead_tup as dead, n_live_tup as live from pg_stat_user_tables
  where schemaname = current_schema() and relname !~ '_\\d{8}$' order by n_dead_tup desc, relname limit 30`;

const partitionsText = `select p.relname as name, max(to_date(right(c.relname, 8), 'YYYYMMDD')) - current_date as days
  from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_class c on c.oid = i.inhrelid
  where p.relnamespace = current_schema()::regnamespace and c.relname ~ '_\\d{8}$' group by p.relname`;
