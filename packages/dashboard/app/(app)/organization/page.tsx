'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Members } from '../../../components/organization/members.tsx';
import { OneFieldForm } from '../../../components/organization/one-field-form.tsx';
import { useSession } from '../../../components/shell/session.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Pairs } from '../../../components/ui/pairs.tsx';
import { Loaded } from '../../../components/ui/states.tsx';
import { useToasts } from '../../../components/ui/toast.tsx';
import { api } from '../../../lib/api.ts';
import { clock, count } from '../../../lib/format.ts';

export default function OrganizationPage() {
  const { user } = useSession();
  return (
    <>
      <PageHead
        title="Organization"
        lead="Members see each other's jobs and share one part of the workers."
      />
      {user.org_id === null ? <Found /> : <Mine orgId={user.org_id} />}
    </>
  );
}

function Found() {
  const { reload } = useSession();
  const { say } = useToasts();
  return (
    <div className="halves">
      <Card title="Make an organization">
        <OneFieldForm
          label="Name"
          action="Create"
          minLength={2}
          maxLength={64}
          hint="You become its org_admin and can invite others. Jobs you submitted before stay your own."
          send={async (name) => {
            await api.createOrganization(name);
            await reload();
            say({ text: `${name} is created; you are its org_admin.` });
          }}
        />
      </Card>
      <Card title="Join one">
        <p className="soft">
          An org_admin invites you by your user name; you are a member at once, without signing in again.
        </p>
      </Card>
    </div>
  );
}

function Mine({ orgId }: { orgId: string }) {
  const client = useQueryClient();
  const { user, mayManage } = useSession();
  const { say } = useToasts();
  const organization = useQuery({ queryKey: ['organization', orgId], queryFn: api.organization });
  return (
    <div className="columns">
      {mayManage ? (
        <Members orgId={orgId} />
      ) : (
        <Card title="Members">
          <p className="soft">An org_admin of your organization sees and invites members.</p>
        </Card>
      )}
      <div className="stack">
        <Card title="About">
          <Loaded of={organization} height={110}>
            {(org) => (
              <Pairs
                rows={[
                  ['Name', org?.name ?? '–'],
                  ['Members', count(org?.member_count)],
                  ['Created', clock(org?.created_at ?? null)],
                  ['Your role', user.role],
                ]}
              />
            )}
          </Loaded>
        </Card>
        {mayManage && (
          <Card title="Invite">
            <OneFieldForm
              label="User name"
              action="Invite"
              maxLength={32}
              hint="Of somebody who has registered here and belongs to no organization."
              send={async (username) => {
                const { message } = await api.invite(orgId, username);
                await client.invalidateQueries({ queryKey: ['members'] });
                await client.invalidateQueries({ queryKey: ['organization'] });
                say({ text: message });
              }}
            />
          </Card>
        )}
      </div>
    </div>
  );
}
