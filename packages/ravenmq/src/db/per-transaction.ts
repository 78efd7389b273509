/**
 * Settings for one transaction at a time, for server sessions that are lent and not owned: no session state may be
 * counted on or left behind. A statement outside a transaction is preceded by one that sets them as set local would,
 * in the same message batch: one round trip and, as the batch is one implicit transaction, valid for both. Inside a
 * transaction nothing is added: its begin was preceded.
 */
import pg from 'pg';
import type { Statement } from './connect.ts';

/** What the driver's query does on the wire, as far as it is stepped in between here. */
interface WireQuery {
  text: string;
  name?: string;
  callback?: (error: Error | null, result: unknown) => void;
  submit(connection: pg.Connection): Error | null;
  prepare(connection: pg.Connection): void;
  requiresPreparation(): boolean;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: pg.Connection): void;
}
const DriverQuery = pg.Query as unknown as new (config: pg.QueryConfig) => WireQuery;

class SettledQuery extends DriverQuery {
  readonly #settings: string;
  readonly #client: pg.ClientBase;
  /** The answer that comes next is that of the settings. */
  #settling = false;

  /** Read by the client. */
  readonly query_timeout: number | undefined;

  constructor(config: Statement, settings: string, client: pg.ClientBase) {
    super(config);
    this.query_timeout = config.query_timeout;
    this.#settings = settings;
    this.#client = client;
  }

  override submit(connection: pg.Connection): Error | null {
    this.#settling = this.#client.getTransactionStatus() === 'I';
    if (!this.#settling || this.requiresPreparation()) return super.submit(connection);
    connection.query(`${this.#settings};${this.text}`);
    return null;
  }

  override prepare(connection: pg.Connection): void {
    if (this.#settling) {
      connection.parse({ name: '', text: this.#settings, types: [] }, true);
      connection.bind({}, true);
      connection.execute({}, true);
    }
    super.prepare(connection);
  }

  override handleRowDescription(message: unknown): void {
    if (!this.#settling) super.handleRowDescription(message);
  }

  override handleDataRow(message: unknown): void {
    if (!this.#settling) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: pg.Connection): void {
    if (this.#settling) this.#settling = false;
    else super.handleCommandComplete(message, connection);
  }
}

type Callback = (error: Error | null, result: unknown) => void;

/** Makes a connected client run `settings`, a statement that uses set_config(.., .., true), in every transaction. */
export function settleEachTransaction(
  client: pg.ClientBase,
  settings: string,
  { preparedStatements }: { preparedStatements: boolean },
): void {
  const submit = client.query.bind(client) as (query: WireQuery) => unknown;
  const query = (
    given: string | Statement,
    values?: unknown[] | Callback,
    callback?: Callback,
  ): Promise<unknown> | undefined => {
    const config: Statement = typeof given === 'string' ? { text: given } : { ...given };
    if (Array.isArray(values)) config.values = values;
    if (!preparedStatements) delete config.name;
    const wire = new SettledQuery(config, settings, client);
    const done = typeof values === 'function' ? values : callback;
    if (done) {
      wire.callback = done;
      submit(wire);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      wire.callback = (error, result) => (error ? reject(error) : resolve(result));
      submit(wire);
    });
  };
  Object.assign(client, { query });
}
