import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Tabs from '@cloudscape-design/components/tabs';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { may, useSession } from '../../api/session.ts';
import type { Session } from '../../api/types.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { Go } from '../../parts/Go.tsx';
import { findingsPath } from '../../parts/links.ts';
import { Page } from '../../parts/Page.tsx';
import { count, named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { LocalTable, type LocalColumn } from '../../parts/LocalTable.tsx';
import { AddMember, Remove, Switch } from './Change.tsx';
import { OrganizationTab } from './Organization.tsx';
import { organization, scanTypes, type Account, type Organization, type State } from './types.ts';
import { Usage } from './Usage.tsx';

export default function Accounts() {
  const session = useSession().data!;
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const tab = params.get('tab') ?? 'accounts';
  const uses = tab === 'usage' && may(session, 'inspector2:ListUsageTotals'); // which asks for itself
  const query = useQuery({ queryKey: ['accounts', session.account], queryFn: ({ signal }) => organization(session, signal), enabled: !uses });
  const tabs = [
    { id: 'accounts', text: 'Accounts', content: () => <List session={session} query={query} of={query.data} /> },
    { id: 'organization', text: 'Organisation', content: () => <OrganizationTab session={session} query={query} of={query.data} /> },
    ...(may(session, 'inspector2:ListUsageTotals') ? [{ id: 'usage', text: 'Usage', content: () => <Usage session={session} /> }] : []),
  ];
  const active = tabs.find((t) => t.id === tab) ?? tabs[0]!;
  return (
    <Page title="Accounts" description="Who belongs to the organisation, and what is scanned for whom.">
      <Tabs
        ariaLabel="Parts of this page"
        activeTabId={active.id}
        onChange={({ detail }) => detail.activeTabId !== active.id && void navigate(detail.activeTabHref ?? '/accounts')}
        tabs={tabs.map((t) => ({ id: t.id, label: t.text, href: t.id === 'accounts' ? '/accounts' : `/accounts?tab=${t.id}`, content: t === active ? t.content() : null }))}
      />
    </Page>
  );
}

const places: Record<Account['place'] | 'management', string> = {
  management: 'Management account',
  administrator: 'Delegated administrator',
  member: 'Member',
  former: 'Former member',
  own: 'This account',
  other: 'Not a member',
};

// placed returns what an account is, with the API's word where that says more.
function placed(a: Account): string {
  if (a.closed) return 'Closed';
  if (a.place === 'former' && a.relationship !== 'REMOVED') return `${places.former} (${named(a.relationship ?? '').toLowerCase()})`;
  return a.management ? [places.management, ...(a.place === 'own' || a.place === 'other' ? [] : [places[a.place].toLowerCase()])].join(', ') : places[a.place];
}

function OnOff({ state }: { state: State | undefined }) {
  if (!state) return <>–</>;
  if (state === 'ENABLED') return <StatusIndicator type="success">Activated</StatusIndicator>;
  if (state === 'DISABLED') return <StatusIndicator type="stopped">Off</StatusIndicator>;
  return <StatusIndicator type={state.endsWith('ING') ? 'in-progress' : 'warning'}>{named(state)}</StatusIndicator>;
}

const columns: LocalColumn<Account>[] = [
  { id: 'id', header: 'Account', width: 170, rowHeader: true, by: (a) => a.id, cell: (a) => <CopyId id={a.id} /> },
  { id: 'name', header: 'Name', width: 160, by: (a) => a.name ?? '', cell: (a) => a.name ?? '–' },
  { id: 'place', header: 'Relationship', width: 190, by: placed, cell: placed },
  ...scanTypes.map(({ member, text }): LocalColumn<Account> => ({ id: member, header: text, width: Math.max(130, 60 + 8 * text.length), by: (a) => a.types[member] ?? '', cell: (a) => <OnOff state={a.types[member]} /> })),
  { id: 'findings', header: 'Findings', width: 110, cell: (a) => (a.state ? <Go to={findingsPath({ awsAccountId: a.id })} ariaLabel={`Findings of ${a.id}`}>Findings</Go> : '–') },
  { id: 'since', header: 'Since', width: 130, by: (a) => a.since ?? 0, cell: (a) => <Time at={a.since} /> },
];

interface Result {
  isPending: boolean;
  isFetching: boolean;
  error: Error | null;
  refetch: () => unknown;
}

function List({ session, query, of }: { session: Session; query: Result; of: Organization | undefined }) {
  const [selected, select] = useState<Account[]>([]);
  const [dialog, show] = useState<'on' | 'off' | 'add' | 'remove'>();
  const rows = of?.accounts;
  const marked = selected.flatMap((a) => rows?.find((r) => r.id === a.id) ?? []);
  const seen = marked.filter((a) => a.state);
  const members = marked.filter((a) => a.place === 'member');
  const mayOn = may(session, 'inspector2:Enable');
  const mayOff = may(session, 'inspector2:Disable');
  const mayAdd = (of?.administers ?? false) && may(session, 'inspector2:AssociateMember');
  const mayRemove = (of?.administers ?? false) && may(session, 'inspector2:DisassociateMember');
  const close = () => show(undefined);
  const off = seen.length === 0 ? { disabled: true, disabledReason: 'Select accounts whose scan types you may change.' } : {};
  const items = [
    ...(mayOn ? [{ id: 'on', text: 'Activate scan types', ...off }] : []),
    ...(mayOff ? [{ id: 'off', text: 'Deactivate scan types', ...off }] : []),
    ...(mayRemove ? [{ id: 'remove', text: 'Remove members', ...(members.length === 0 && { disabled: true, disabledReason: 'Select members.' }) }] : []),
  ];
  return (
    <SpaceBetween size="m">
      {of?.more && <Alert type="info">Only the first {count(of.accounts.length)} accounts are shown.</Alert>}
      <LocalTable<Account>
        name="accounts"
        title="Accounts"
        one="account"
        id={(a) => a.id}
        label={(a) => a.name ?? a.id}
        columns={columns}
        query={query}
        rows={rows}
        text={(a) => `${a.id} ${a.name ?? ''} ${placed(a)}`}
        sort="id"
        selected={marked}
        onSelect={items.length > 0 ? select : undefined}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {items.length > 0 && <ButtonDropdown items={items} onItemClick={({ detail }) => show(detail.id as 'on' | 'off' | 'remove')}>Actions</ButtonDropdown>}
            {mayAdd && <Button variant="primary" onClick={() => show('add')}>Add a member</Button>}
          </SpaceBetween>
        }
        nothing={{ title: 'No accounts', text: 'Your role may not see accounts.' }}
      />
      {(dialog === 'on' || dialog === 'off') && <Switch on={dialog === 'on'} accounts={seen} onClose={close} />}
      {dialog === 'remove' && <Remove accounts={members} onClose={close} />}
      {dialog === 'add' && <AddMember candidates={(rows ?? []).filter((a) => !a.closed && a.place !== 'member' && a.place !== 'administrator')} onClose={close} />}
    </SpaceBetween>
  );
}
