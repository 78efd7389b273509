'use client';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useQueues, useSummary } from '../../lib/queries.ts';
import { addressOf, type Filter, isJobId, parseSearch, searchText } from '../../lib/search.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { useSession } from '../shell/session.tsx';
import { Icon } from '../ui/icon.tsx';
import { suggest } from './suggestions.ts';

/** The filter of the list as text. The address holds it; Enter changes the address, and suggestions help to type. */
export function SearchBox({ filter }: { filter: Filter }) {
  const router = useRouter();
  const { isAdmin } = useSession();
  const types = useSummary().data?.by_type.map(({ type }) => type) ?? [];
  const queues = useQueues(isAdmin).data?.map(({ name }) => name) ?? [];
  const [text, setText] = useState(searchText(filter));
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const address = addressOf(filter);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the address stands for the filter
  useEffect(() => setText(searchText(filter)), [address]);
  useKeys({ '/': () => input.current?.focus() });

  const found = open ? suggest(text, { types, queues }) : [];
  const apply = (wanted: string) => {
    setOpen(false);
    setAt(-1);
    if (isJobId(wanted)) router.push(`/job/?id=${wanted.trim()}`);
    else router.replace(addressOf(parseSearch(wanted)), { scroll: false });
  };
  const take = (wanted: string) => {
    setText(wanted);
    setAt(-1);
    input.current?.focus();
    if (wanted.endsWith(' ')) apply(wanted);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (found.length > 0) setAt((at + step + found.length) % found.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const chosen = found[at];
      if (chosen) take(chosen.text);
      else apply(text);
    } else if (event.key === 'Escape') {
      if (open) setOpen(false);
      else event.currentTarget.blur();
    } else if (event.key === 'Tab' && found[at]) {
      event.preventDefault();
      take(found[at].text);
    }
  };

  return (
    <div className="search">
      <Icon name="search" />
      <input
        ref={input}
        role="combobox"
        aria-label="Search jobs"
        aria-expanded={found.length > 0}
        aria-controls={list}
        aria-activedescendant={at >= 0 ? `${list}-${at}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder="status:failed type:etl label.team=x, or a name"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
          setAt(-1);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {text !== '' && (
        <button
          type="button"
          className="plain icon small clear"
          aria-label="Clear the search"
          onClick={() => {
            setText('');
            apply('');
          }}
        >
          <Icon name="close" size={14} />
        </button>
      )}
      <div className="pop" hidden={found.length === 0}>
        <div className="options" id={list} role="listbox" aria-label="Suggestions">
          {found.map(({ text: whole, word, hint }, n) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input that has the focus handles the keys
            <div
              key={word}
              id={`${list}-${n}`}
              role="option"
              tabIndex={-1}
              aria-selected={n === at}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(whole)}
            >
              <code>{word}</code>
              <span className="soft small">{hint}</span>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
