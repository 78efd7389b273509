'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import type { Member } from '../../lib/wire.ts';
import { useSession } from '../shell/session.tsx';
import { Card } from '../ui/card.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Loaded } from '../ui/states.tsx';
import { Ago } from '../ui/time.tsx';
import { useToasts } from '../ui/toast.tsx';

/** Members with their roles, which an org_admin may change. */
export function Members({ orgId }: { orgId: string }) {
  const client = useQueryClient();
  const { user, reload } = useSession();
  const { say, attempt } = useToasts();
  const [leaving, setLeaving] = useState<Member>();
  const members = useQuery({ queryKey: ['members'], queryFn: api.members });

  const changed = async () => {
    await client.invalidateQueries({ queryKey: ['members'] });
    await client.invalidateQueries({ queryKey: ['organization'] });
  };
  const setRole = (member: Member, role: string) =>
    attempt(async () => {
      await api.changeRole(orgId, member.id, role);
      if (member.id === user.id) return reload();
      await changed();
      const undo = () =>
        void attempt(async () => {
          await api.changeRole(orgId, member.id, member.role);
          await changed();
        });
      say({ text: `${member.username} is ${role} now.`, action: { label: 'Undo', run: undo } });
    });
  const remove = (member: Member) =>
    attempt(async () => {
      await api.removeMember(orgId, member.id);
      if (member.id === user.id) return reload();
      await changed();
      const undo = () =>
        void attempt(async () => {
          await api.invite(orgId, member.username);
          await changed();
        });
      say({ text: `${member.username} has left.`, action: { label: 'Invite again', run: undo } });
    });

  return (
    <Card title="Members" flush>
      <Loaded of={members} height={180}>
        {(rows) => (
          <div className="scroll">
            <table>
              <thead>
                <tr>
                  <th>User</th>
                  <th>Role</th>
                  <th className="number wide-only">Registered</th>
                  <th>
                    <span className="hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((member) => (
                  <tr key={member.id}>
                    <td className="name">
                      {member.username} {member.id === user.id && <span className="soft">(you)</span>}
                    </td>
                    <td>
                      {member.role === 'admin' ? (
                        'admin'
                      ) : (
                        <select
                          className="role-select"
                          aria-label={`Role of ${member.username}`}
                          value={member.role}
                          onChange={(event) => void setRole(member, event.target.value)}
                        >
                          <option>org_admin</option>
                          <option>user</option>
                        </select>
                      )}
                    </td>
                    <td className="number soft wide-only">
                      <Ago at={member.created_at} />
                    </td>
                    <td className="end">
                      {member.role !== 'admin' && (
                        <button type="button" className="plain small" onClick={() => setLeaving(member)}>
                          Remove
                        </button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {leaving && (
        <Confirm
          title={`Remove ${leaving.username}?`}
          text="They see the organization's jobs no longer. What they submitted stays."
          action="Remove"
          danger
          close={() => setLeaving(undefined)}
          confirm={() => void remove(leaving)}
        />
      )}
    </Card>
  );
}
