'use client';
import Link from 'next/link';
import { useState } from 'react';
import { addressOf } from '../../lib/search.ts';
import type { Schedule } from '../../lib/wire.ts';
import { Confirm } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { StatusWord } from '../ui/status.tsx';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { useScheduleActions } from './use-schedule-actions.ts';
import { When } from './when.tsx';

/** Name, state and times of a schedule, and what may be done with it. */
export function ScheduleHead({ schedule }: { schedule: Schedule }) {
  const { run, setPaused, remove } = useScheduleActions();
  const [open, setOpen] = useState<'change' | 'delete'>();
  const { name, paused, job } = schedule;
  const close = () => setOpen(undefined);
  return (
    <>
      <PageHead title={name}>
        <button type="button" className="primary" onClick={() => void run(schedule)}>
          <Icon name="forward" /> Run now
        </button>
        <button type="button" onClick={() => void setPaused(schedule, !paused)}>
          <Icon name={paused ? 'play' : 'pause'} /> {paused ? 'Resume' : 'Pause'}
        </button>
        <button type="button" onClick={() => setOpen('change')}>
          Change
        </button>
        <button type="button" onClick={() => setOpen('delete')}>
          <Icon name="trash" /> Delete
        </button>
      </PageHead>
      <p className="row wrap job-line">
        <StatusWord status={paused ? 'paused' : 'active'} />
        <When of={schedule} />
        <span className="tag">{job.type}</span>
        <Link className="tag" href={addressOf({ labels: { schedule: name } })} prefetch={false}>
          its jobs
        </Link>
      </p>
      {open === 'change' && <ScheduleDialog from={schedule} close={close} />}
      {open === 'delete' && (
        <Confirm
          title={`Delete ${name}?`}
          text="It fires no more, and its list of fires is gone. Jobs that it submitted stay."
          action="Delete"
          danger
          close={close}
          confirm={() => void remove(schedule)}
        />
      )}
    </>
  );
}
