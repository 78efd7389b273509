'use client';
import { type FormEvent, useCallback, useState } from 'react';
import { api } from '../lib/api.ts';
import { usePoll } from '../lib/use-poll.ts';
import { useSession } from './session.tsx';

const minute = 60_000;

/** Name, role and organization; making an organization and inviting to it; signing out. */
export function ProfileMenu() {
  const { user, signOut } = useSession();
  return (
    <details className="menu">
      <summary>{user.username}</summary>
      <div className="panel">
        <dl>
          <dt>Role</dt>
          <dd>{user.role}</dd>
        </dl>
        {user.org_id === null ? <FoundOrganization /> : <MyOrganization orgId={user.org_id} />}
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
    </details>
  );
}

function MyOrganization({ orgId }: { orgId: string }) {
  const { user } = useSession();
  const organization = usePoll(api.organization, minute);
  return (
    <>
      <dl>
        <dt>Organization</dt>
        <dd>{organization.value?.name ?? '…'}</dd>
        <dt>Members</dt>
        <dd>{organization.value?.member_count ?? '…'}</dd>
      </dl>
      {user.role !== 'user' && (
        <OneFieldForm
          label="Invite user"
          action="Invite"
          send={async (username) => (await api.invite(orgId, username)).message}
          done={organization.refresh}
        />
      )}
    </>
  );
}

function FoundOrganization() {
  const { reload } = useSession();
  const create = useCallback(async (name: string) => {
    await api.createOrganization(name);
    return `${name} created.`;
  }, []);
  return <OneFieldForm label="New organization" action="Create" send={create} done={() => void reload()} />;
}

interface OneFieldFormProps {
  label: string;
  action: string;
  /** Answers what to tell the person. */
  send(value: string): Promise<string>;
  done(): void;
}

function OneFieldForm({ label, action, send, done }: OneFieldFormProps) {
  const [message, setMessage] = useState<string>();

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      setMessage(await send(String(new FormData(form).get('value'))));
      form.reset();
      done();
    } catch (error) {
      setMessage((error as Error).message);
    }
  }

  return (
    <form className="row" onSubmit={(event) => void onSubmit(event)}>
      <label>
        {label}
        <input name="value" required maxLength={64} />
      </label>
      <button type="submit">{action}</button>
      {message && <output>{message}</output>}
    </form>
  );
}
