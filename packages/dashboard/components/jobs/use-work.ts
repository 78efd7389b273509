'use client';
import type { NewJob } from '@ravenmq/client';
import { useState } from 'react';
import {
  initialValues,
  type JobType,
  jobTypes,
  parseJson,
  payloadOf,
  type Values,
} from '../../lib/job-types.ts';

export const ownType = 'your own';
export const ways = ['form', 'json'] as const;

/** What a job is to do while it is being filled in: its type, and its payload as a form or as JSON. */
export function useWork(from?: Pick<NewJob, 'type' | 'payload'>) {
  const known = jobTypes.find(({ type }) => type === (from?.type ?? 'http'));
  const [kind, setKind] = useState(known?.type ?? ownType);
  const [way, setWay] = useState<(typeof ways)[number]>(from ? 'json' : 'form');
  const [values, setValues] = useState<Values>(initialValues(known ?? (jobTypes[0] as JobType)));
  const [json, setJson] = useState(from ? JSON.stringify(from.payload, null, 2) : '{}');
  const [ownName, setOwnName] = useState(from?.type ?? '');
  const shape = jobTypes.find((each) => each.type === kind);
  const asForm = way === 'form' && shape !== undefined;

  /** Throws an error that names the field when it does not hold JSON. */
  const payload = () =>
    (asForm ? payloadOf(shape, values) : parseJson('Payload', json)) as Record<string, unknown>;

  const choose = (next: string) => {
    const found = jobTypes.find((each) => each.type === next);
    setKind(next);
    if (found) {
      setValues(initialValues(found));
      setJson(JSON.stringify(payloadOf(found, initialValues(found)), null, 2));
    }
  };
  /** Throws as `payload` does. */
  const turn = (next: (typeof ways)[number]) => {
    if (next === 'json' && asForm) setJson(JSON.stringify(payload(), null, 2));
    setWay(next);
  };
  return {
    type: shape ? kind : ownName,
    /** The built-in type's form, where the work is filled in as one. */
    form: asForm ? { fields: shape.fields, values, setValues } : undefined,
    ...{ kind, shape, way, json, ownName, choose, turn, setJson, setOwnName, payload },
  };
}

export type Work = ReturnType<typeof useWork>;
