/** The shape of a command: it acts on the database and on the model, then the two are compared. */
import type fc from 'fast-check';
import type { Pool } from '../../src/db/connect.ts';
import type { Guard } from '../../src/workers/leader.ts';
import { compare } from './compare.ts';
import type { Model } from './model.ts';

export interface Real {
  pool: Pool;
  guard: Guard;
}

export type Command = fc.AsyncCommand<Model, Real>;

/** A command under the name it is printed with; `ready` says whether the model allows it. */
export function command(
  name: string,
  act: (model: Model, real: Real) => Promise<void>,
  ready: (model: Readonly<Model>) => boolean = () => true,
): Command {
  return {
    check: ready,
    async run(model, real) {
      await act(model, real);
      await compare(model, real.pool);
    },
    toString: () => name,
  };
}

/** One of those there are, the same one for the same number. */
export const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;
