import type { Queryable } from '../db/connect.ts';
import { findUsers, type UserRow } from './users.ts';

interface Waiting {
  id: string;
  resolve(user: UserRow | undefined): void;
  reject(error: unknown): void;
}

/**
 * Reads users by id, those asked for at the same time in one query. A read is never answered by a query that began
 * before it was asked for: what it returns is as fresh as a query of its own.
 */
export function createUserReader(db: Queryable): (id: string) => Promise<UserRow | undefined> {
  let waiting: Waiting[] = [];
  let reading = false;

  async function readAll(): Promise<void> {
    reading = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        const users = await findUsers(db, [...new Set(group.map(({ id }) => id))]);
        for (const { id, resolve } of group) resolve(users.find((user) => user.id === id));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    reading = false;
  }

  return (id) =>
    new Promise((resolve, reject) => {
      waiting.push({ id, resolve, reject });
      if (!reading) void readAll();
    });
}
