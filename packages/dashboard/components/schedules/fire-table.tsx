import type { ScheduleFire } from '../../lib/wire.ts';
import { Scroll } from '../ui/scroll.tsx';
import { Ago } from '../ui/time.tsx';
import { Outcome } from './outcome.tsx';

/** What was decided of a schedule's fire times, newest first. */
export function FireTable({ fires }: { fires: ScheduleFire[] }) {
  return (
    <Scroll label="Fires">
      <table>
        <thead>
          <tr>
            <th>Outcome</th>
            <th>Fire time</th>
            <th className="wide-only">By</th>
            <th className="wide-only">Error</th>
          </tr>
        </thead>
        <tbody>
          {fires.map((fire) => (
            <tr key={fire.fire_at}>
              <td>
                <Outcome fire={fire} />
              </td>
              <td className="soft">
                <Ago at={fire.fire_at} />
              </td>
              <td className="soft wide-only">{fire.by_hand ? 'hand' : 'the clock'}</td>
              <td className="wraps wide-only">{fire.error ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
