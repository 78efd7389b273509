/** The REST API as these pages use it. */
import type { NewJob, NewSchedule } from '@ravenmq/client';
import { call, read, readIfThere } from './request.ts';
import type * as wire from './wire.ts';

interface Credentials {
  username: string;
  password: string;
}

export interface JobPage {
  jobs: wire.Job[];
  more: boolean;
}

const id = encodeURIComponent;

export const api = {
  session: () => read<{ user: wire.SessionUser }>('GET', '/auth/session'),
  signIn: (credentials: Credentials) => call('POST', '/auth/session', credentials),
  signOut: () => call('DELETE', '/auth/session'),
  register: (credentials: Credentials) => call('POST', '/auth/register', credentials),

  async jobs(query: URLSearchParams): Promise<JobPage> {
    const response = await call('GET', `/jobs/?${query}`);
    return { jobs: (await response.json()) as wire.Job[], more: response.headers.has('link') };
  },
  count: (query: URLSearchParams) => read<{ count: number; capped: boolean }>('GET', `/jobs/count?${query}`),
  job: (job: string) => read<wire.Job>('GET', `/jobs/${id(job)}`),
  attempts: (job: string) => read<wire.Attempt[]>('GET', `/jobs/${id(job)}/attempts`),
  logs: (job: string) => read<wire.LogLine[]>('GET', `/jobs/${id(job)}/logs`),
  explain: (job: string) => readIfThere<wire.Explanation>('GET', `/jobs/${id(job)}/explain`),
  estimate: (job: Partial<NewJob>) => readIfThere<wire.Estimate>('POST', '/estimate', job),
  submit: (job: NewJob) => read<wire.Job>('POST', '/jobs', job),
  cancel: (job: string) => read<wire.Job>('POST', `/jobs/${id(job)}/cancel`),
  retry: (job: string) => read<wire.Job>('POST', `/jobs/${id(job)}/retry`),
  inBulk: (change: 'cancel' | 'retry', what: object) =>
    read<{ matched: number; changed: number; next: string | null }>('POST', `/jobs/${change}`, what),

  live: () => read<wire.Snapshot>('GET', '/live'),
  summary: () => read<wire.Summary>('GET', '/analytics/summary'),
  throughput: (minutes: number, step: number) =>
    read<wire.ThroughputBucket[]>('GET', `/analytics/throughput?minutes=${minutes}&step=${step}`),
  depth: (minutes: number, step: number) =>
    read<wire.DepthBucket[]>('GET', `/analytics/queue-depth?minutes=${minutes}&step=${step}`),
  accuracy: () => read<wire.Accuracy[]>('GET', '/analytics/prediction-accuracy'),
  alarms: () => readIfThere<wire.Alarms>('GET', '/alarms'),

  workers: () => read<wire.Worker[]>('GET', '/jobs/workers'),
  leader: () => readIfThere<wire.Leader>('GET', '/jobs/scheduler/leader'),
  board: (queue: string) => read<wire.Board>('GET', `/queues/${id(queue)}/board`),
  queues: () => read<wire.Queue[]>('GET', '/queues'),
  changeQueue: (name: string, change: wire.QueueChange) =>
    read<wire.Queue>('PATCH', `/queues/${id(name)}`, change),

  ask: (question: wire.NewWhatif) => read<wire.Whatif>('POST', '/whatif', question),
  whatifs: () => read<wire.Whatif[]>('GET', '/whatif'),
  whatif: (whatif: string) => read<wire.Whatif>('GET', `/whatif/${id(whatif)}`),
  cancelWhatif: (whatif: string) => read<wire.Whatif>('POST', `/whatif/${id(whatif)}/cancel`),

  schedules: () => read<wire.Schedule[]>('GET', '/schedules'),
  schedule: (schedule: string) => read<wire.Schedule>('GET', `/schedules/${id(schedule)}`),
  fires: (schedule: string) => read<wire.ScheduleFire[]>('GET', `/schedules/${id(schedule)}/fires`),
  preview: (timing: URLSearchParams) => read<{ fires: string[] }>('GET', `/schedules/preview?${timing}`),
  createSchedule: (schedule: NewSchedule) => read<wire.Schedule>('POST', '/schedules', schedule),
  changeSchedule: (schedule: string, to: NewSchedule) =>
    read<wire.Schedule>('PUT', `/schedules/${id(schedule)}`, to),
  pauseSchedule: (schedule: string, paused: boolean) =>
    read<wire.Schedule>('POST', `/schedules/${id(schedule)}/${paused ? 'pause' : 'resume'}`),
  runSchedule: (schedule: string) => read<wire.ScheduleFire>('POST', `/schedules/${id(schedule)}/run`),
  deleteSchedule: (schedule: string) => call('DELETE', `/schedules/${id(schedule)}`),

  predictor: () => read<wire.PredictorState>('GET', '/predictor'),
  choosePredictor: (choice: { mode: string; candidate?: string; version?: number }) =>
    read<wire.PredictorState>('PUT', '/predictor/choice', choice),
  rollBack: (candidate: string) => read<wire.PredictorState>('POST', '/predictor/rollback', { candidate }),
  train: () => read<wire.PredictorState>('POST', '/predictor/train'),

  organization: () => readIfThere<wire.Organization & { member_count: number }>('GET', '/orgs/me'),
  createOrganization: (name: string) => call('POST', '/orgs', { name }),
  members: () => read<wire.Member[]>('GET', '/orgs/me/members'),
  invite: (org: string, username: string) =>
    read<{ message: string }>('POST', `/orgs/${id(org)}/invite`, { username }),
  changeRole: (org: string, user: string, role: string) =>
    read<{ message: string }>('PUT', `/orgs/${id(org)}/members/${id(user)}`, { role }),
  removeMember: (org: string, user: string) =>
    read<{ message: string }>('DELETE', `/orgs/${id(org)}/members/${id(user)}`),
  keys: () => read<wire.ApiKey[]>('GET', '/api-keys'),
  createKey: (name: string) => read<wire.ApiKey & { key: string }>('POST', '/api-keys', { name }),
  revokeKey: (key: string) => call('DELETE', `/api-keys/${id(key)}`),
  audit: (before?: number) =>
    read<wire.AuditEntry[]>('GET', `/audit${before === undefined ? '' : `?before=${before}`}`),
};
