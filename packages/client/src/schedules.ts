import type { CallOptions, Request } from './request.ts';
import type { NewSchedule, Schedule, ScheduleFire } from './wire.ts';

export interface Preview {
  cron?: string;
  every_ms?: number;
  timezone?: string;
  /** RFC 3339; now by default. */
  from?: string;
  count?: number;
}

export interface Schedules {
  create(schedule: NewSchedule, options?: CallOptions): Promise<Schedule>;
  /** By name; of one name when it is given. */
  list(filter?: { name?: string }, options?: CallOptions): Promise<Schedule[]>;
  get(id: string, options?: CallOptions): Promise<Schedule>;
  /** Replaces it: what is left out gets its default. */
  update(id: string, schedule: NewSchedule, options?: CallOptions): Promise<Schedule>;
  delete(id: string, options?: CallOptions): Promise<void>;
  pause(id: string, options?: CallOptions): Promise<Schedule>;
  /** Fires again from now on; what lay in the pause is left out. */
  resume(id: string, options?: CallOptions): Promise<Schedule>;
  /** Submits its job now, beside its fire times. */
  run(id: string, options?: CallOptions): Promise<ScheduleFire>;
  /** What was decided of its fire times, newest first. */
  fires(id: string, options?: CallOptions & { limit?: number }): Promise<ScheduleFire[]>;
  /** When a schedule would fire. */
  preview(timing: Preview, options?: CallOptions): Promise<string[]>;
}

export function createSchedules(request: Request): Schedules {
  const pathOf = (id: string) => `/schedules/${encodeURIComponent(id)}`;
  const call = async <T>(method: string, path: string, options: CallOptions & { body?: unknown } = {}) =>
    (await request<T>(method, path, options)).body;

  return {
    create: (body, { signal } = {}) => call('POST', '/schedules', { body, signal }),
    list: ({ name } = {}, options) =>
      call('GET', name === undefined ? '/schedules' : `/schedules?${new URLSearchParams({ name })}`, options),
    get: (id, options) => call('GET', pathOf(id), options),
    update: (id, body, { signal } = {}) => call('PUT', pathOf(id), { body, signal }),
    async delete(id, options) {
      await call('DELETE', pathOf(id), options);
    },
    pause: (id, options) => call('POST', `${pathOf(id)}/pause`, options),
    resume: (id, options) => call('POST', `${pathOf(id)}/resume`, options),
    run: (id, options) => call('POST', `${pathOf(id)}/run`, options),
    fires: (id, { limit = 50, signal } = {}) => call('GET', `${pathOf(id)}/fires?limit=${limit}`, { signal }),
    async preview(timing, options) {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(timing))
        if (value !== undefined) query.set(key, String(value));
      return (await call<{ fires: string[] }>('GET', `/schedules/preview?${query}`, options)).fires;
    },
  };
}
