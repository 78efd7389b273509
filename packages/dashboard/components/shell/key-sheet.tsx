'use client';
import { Dialog } from '../ui/dialog.tsx';
import { seenBy, teamPages, workPages } from './pages.ts';
import { useSession } from './session.tsx';

const everywhere: [string, string][] = [
  ['Ctrl k', 'Search and commands'],
  ['n', 'Submit a job'],
  ['p', 'Pause or resume live updates'],
  ['t', 'Change the theme'],
  ['?', 'This map'],
];
const inLists: [string, string][] = [
  ['/', 'Search'],
  ['j', 'Next row'],
  ['k', 'Row before'],
  ['Enter', 'Open the job'],
  ['x', 'Select the row'],
  ['r', 'Retry'],
  ['c', 'Cancel'],
];

/** Every key there is. */
export function KeySheet({ close }: { close(): void }) {
  const session = useSession();
  const pages = seenBy([...workPages, ...teamPages], session).map(
    ({ key, title }) => [`g ${key}`, title] as [string, string],
  );
  return (
    <Dialog title="Keyboard map" close={close}>
      <div className="halves">
        <div className="stack">
          <KeyList title="Everywhere" keys={everywhere} />
          <KeyList title="In lists of jobs" keys={inLists} />
        </div>
        <KeyList title="Go to" keys={pages} />
      </div>
    </Dialog>
  );
}

function KeyList({ title, keys }: { title: string; keys: [string, string][] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl className="key-list">
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
