'use client';
import Link from 'next/link';
import type { Schedule } from '../../lib/wire.ts';
import { Icon } from '../ui/icon.tsx';
import { StatusWord } from '../ui/status.tsx';
import { Ago } from '../ui/time.tsx';
import { Outcome } from './outcome.tsx';
import { useScheduleActions } from './use-schedule-actions.ts';
import { When } from './when.tsx';

export function ScheduleTable({ schedules }: { schedules: Schedule[] }) {
  const { run, setPaused } = useScheduleActions();
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th className="wide-only">When</th>
            <th>Next run</th>
            <th className="wide-only">Last fire</th>
            <th>
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {schedules.map((schedule) => (
            <tr key={schedule.id}>
              <td className="name truncate narrow-name">
                <Link href={`/schedule/?id=${schedule.id}`} prefetch={false}>
                  {schedule.name}
                </Link>
              </td>
              <td className="wide-only">
                <When of={schedule} />
              </td>
              <td>
                {schedule.paused ? <StatusWord status="paused" /> : <Ago at={schedule.next[0] ?? null} />}
              </td>
              <td className="wide-only">
                {schedule.last_fire ? (
                  <>
                    <Outcome fire={schedule.last_fire} />{' '}
                    <span className="soft">
                      <Ago at={schedule.last_fire.fire_at} />
                    </span>
                  </>
                ) : (
                  <span className="soft">none yet</span>
                )}
              </td>
              <td className="end">
                <button
                  type="button"
                  className="plain icon small"
                  aria-label={`Run ${schedule.name} now`}
                  title="Run now"
                  onClick={() => void run(schedule)}
                >
                  <Icon name="forward" size={14} />
                </button>{' '}
                <button
                  type="button"
                  className="small"
                  onClick={() => void setPaused(schedule, !schedule.paused)}
                >
                  <Icon name={schedule.paused ? 'play' : 'pause'} size={14} />
                  {schedule.paused ? 'Resume' : 'Pause'}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
