/** Trained weights in the database: one row per training run, so that any of them can be used again. */
import type { Queryable } from '../db/connect.ts';

/** Versions kept of each candidate; one that was chosen by hand stays. */
const versionsKept = 20;

export interface NewVersion {
  candidate: string;
  samples: number;
  tookMs: number;
  weights: Float32Array;
  /** Loss by epoch. */
  losses: number[];
  /** The candidate's scores when it was trained. */
  metrics: Record<string, number>;
}

export async function saveVersion(db: Queryable, version: NewVersion): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `insert into model_version (candidate, samples, took_ms, weights, curve, metrics)
     values ($1, $2, $3, $4, $5, $6) returning id`,
    [
      version.candidate,
      version.samples,
      version.tookMs,
      bytesOf(version.weights),
      JSON.stringify(version.losses),
      JSON.stringify(version.metrics),
    ],
  );
  await db.query(
    `delete from model_version where id in (
       select id from model_version where candidate = $1 order by id desc offset $2
     ) and id not in (select version from predictor_choice where version is not null)`,
    [version.candidate, versionsKept],
  );
  return rows[0]?.id as number;
}

/** The weights of a version, or of the candidate's last one; undefined when there is none. */
export async function latestWeights(
  db: Queryable,
  candidate: string,
  version: number | null = null,
): Promise<Float32Array<ArrayBuffer> | undefined> {
  const { rows } = await db.query<{ weights: Buffer }>(
    `select weights from model_version where candidate = $1 and ($2::bigint is null or id = $2)
     order by id desc limit 1`,
    [candidate, version],
  );
  return rows[0] && floatsOf(rows[0].weights);
}

function bytesOf(floats: Float32Array): Buffer {
  const bytes = Buffer.alloc(floats.length * 4);
  floats.forEach((float, n) => {
    bytes.writeFloatLE(float, n * 4);
  });
  return bytes;
}

function floatsOf(bytes: Buffer): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: bytes.length / 4 }, (_, n) => bytes.readFloatLE(n * 4));
}
