'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { OneFieldForm } from '../../../components/organization/one-field-form.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { Command, CopyButton } from '../../../components/ui/copy.tsx';
import { Confirm, Dialog } from '../../../components/ui/dialog.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Empty, Loaded } from '../../../components/ui/states.tsx';
import { Ago } from '../../../components/ui/time.tsx';
import { useToasts } from '../../../components/ui/toast.tsx';
import { api } from '../../../lib/api.ts';
import type { ApiKey } from '../../../lib/wire.ts';

export default function KeysPage() {
  const client = useQueryClient();
  const { say, attempt } = useToasts();
  const [made, setMade] = useState<ApiKey & { key: string }>();
  const [revoking, setRevoking] = useState<ApiKey>();
  const keys = useQuery({ queryKey: ['keys'], queryFn: api.keys });
  const changed = () => client.invalidateQueries({ queryKey: ['keys'] });

  const revoke = (key: ApiKey) =>
    attempt(async () => {
      await api.revokeKey(key.id);
      await changed();
      say({ text: `${key.name} is revoked.` });
    });

  return (
    <>
      <PageHead title="API keys" lead="For programs. A key acts as you, with your role and organization." />
      <div className="columns">
        <Card title="Your keys" flush>
          <Loaded of={keys} height={180}>
            {(rows) =>
              rows.length === 0 ? (
                <Empty title="No keys yet">
                  Make one for every program, so that each can be revoked alone.
                </Empty>
              ) : (
                <KeyTable keys={rows} revoke={setRevoking} />
              )
            }
          </Loaded>
        </Card>
        <Card title="New key">
          <OneFieldForm
            label="Name"
            action="Make"
            maxLength={64}
            placeholder="nightly importer"
            hint="The key is shown once, right after it is made."
            send={async (name) => {
              setMade(await api.createKey(name));
              await changed();
            }}
          />
        </Card>
      </div>
      {made && (
        <Dialog title={`Key ${made.name}`} close={() => setMade(undefined)}>
          <div className="stack">
            <p>This is the only time it is shown. Keep it where your program's secrets are.</p>
            <div className="copy">
              <code className="secret">{made.key}</code>
              <CopyButton text={made.key} label="Copy the key" />
            </div>
            <p className="soft">Try it:</p>
            <Command text={`curl ${window.location.origin}/jobs -H "authorization: Bearer ${made.key}"`} />
          </div>
          <div className="dialog-foot">
            <button type="button" className="primary" onClick={() => setMade(undefined)}>
              I have it
            </button>
          </div>
        </Dialog>
      )}
      {revoking && (
        <Confirm
          title={`Revoke ${revoking.name}?`}
          text="Programs that use it are refused at once. This cannot be taken back."
          action="Revoke"
          danger
          close={() => setRevoking(undefined)}
          confirm={() => void revoke(revoking)}
        />
      )}
    </>
  );
}

function KeyTable({ keys, revoke }: { keys: ApiKey[]; revoke(key: ApiKey): void }) {
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th className="number">Last used</th>
            <th className="number wide-only">Made</th>
            <th>
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <td className="name">{key.name}</td>
              <td className="number soft">{key.last_used_at ? <Ago at={key.last_used_at} /> : 'never'}</td>
              <td className="number soft wide-only">
                <Ago at={key.created_at} />
              </td>
              <td className="end">
                <button type="button" className="plain small" onClick={() => revoke(key)}>
                  Revoke
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
