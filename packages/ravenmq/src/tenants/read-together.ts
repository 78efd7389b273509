interface Waiting<Row> {
  key: string;
  resolve(row: Row | undefined): void;
  reject(error: unknown): void;
}

/**
 * Reads rows by key, those asked for at the same time in one query. A read is never answered by a query that began
 * before it was asked for: what it returns is as fresh as a query of its own.
 */
export function readTogether<Row>(
  read: (keys: string[]) => Promise<Map<string, Row>>,
): (key: string) => Promise<Row | undefined> {
  let waiting: Waiting<Row>[] = [];
  let reading = false;

  async function readAll(): Promise<void> {
    reading = true;
    while (waiting.length > 0) {
      // One turn of the event loop lets those who ask in the same moment join the query.
      await new Promise((resolve) => setImmediate(resolve));
      const group = waiting;
      waiting = [];
      try {
        const rows = await read([...new Set(group.map(({ key }) => key))]);
        for (const { key, resolve } of group) resolve(rows.get(key));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    reading = false;
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (!reading) void readAll();
    });
}
