'use client';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useId, useState } from 'react';
import { useLive } from '../../lib/live.tsx';
import { addressOf, isJobId } from '../../lib/search.ts';
import { nextTheme } from '../../lib/theme.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { seenBy, teamPages, workPages } from './pages.ts';
import { useSession } from './session.tsx';

interface Command {
  title: string;
  icon: IconName;
  keys?: string[];
  run(): void;
}

/** Everything that can be gone to or done, by typing a part of its name. */
export function Palette({ close, showKeys }: { close(): void; showKeys(): void }) {
  const router = useRouter();
  const session = useSession();
  const { state, togglePause } = useLive();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();

  const go = (href: string) => () => router.push(href);
  const fixed: Command[] = [
    ...seenBy([...workPages, ...teamPages], session).map(({ href, title, icon, key }) => ({
      title,
      icon,
      keys: ['g', key],
      run: go(href),
    })),
    { title: 'Submit a job', icon: 'plus', keys: ['n'], run: go('/jobs/?new=1') },
    { title: 'Make a schedule', icon: 'plus', run: go('/schedules/?new=1') },
    {
      title: state === 'paused' ? 'Resume live updates' : 'Pause live updates',
      icon: 'pause',
      keys: ['p'],
      run: togglePause,
    },
    { title: 'Change the theme', icon: 'theme', keys: ['t'], run: nextTheme },
    { title: 'Keyboard map', icon: 'info', keys: ['?'], run: showKeys },
    { title: 'Sign out', icon: 'out', run: () => void session.signOut() },
  ];
  const wanted = text.trim().toLowerCase();
  const found = fixed.filter(({ title }) => title.toLowerCase().includes(wanted));
  if (isJobId(wanted)) {
    found.unshift({ title: `Open job ${wanted}`, icon: 'jobs', run: go(`/job/?id=${wanted}`) });
  } else if (wanted !== '') {
    const href = addressOf({ name: text.trim(), labels: {} });
    found.push({ title: `Jobs named “${text.trim()}”`, icon: 'search', run: go(href) });
  }
  const chosen = Math.min(at, found.length - 1);

  const take = (command: Command | undefined) => {
    close();
    command?.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      event.preventDefault();
      setAt((chosen + move + found.length) % found.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(found[chosen]);
    }
  };

  return (
    <Dialog title="Search and commands" bare close={close} className="palette">
      <input
        role="combobox"
        aria-label="Command"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={`${list}-${chosen}`}
        placeholder="Go to a page, find a job by name or id …"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="options" id={list} role="listbox" aria-label="Commands">
        {found.map((command, n) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input that has the focus handles the keys
          <div
            key={command.title}
            id={`${list}-${n}`}
            role="option"
            tabIndex={-1}
            aria-selected={n === chosen}
            onClick={() => take(command)}
            onPointerMove={() => setAt(n)}
          >
            <Icon name={command.icon} />
            <span className="truncate">{command.title}</span>
            <span className="keys" aria-hidden="true">
              {command.keys?.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </span>
          </div>
        ))}
      </div>
    </Dialog>
  );
}
