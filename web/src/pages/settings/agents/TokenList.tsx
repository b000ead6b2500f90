import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, send } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { CopyId } from '../../../parts/Copy.tsx';
import { plural } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { useChosen } from '../../../parts/view.ts';
import { useAct } from '../common/act.ts';
import { Confirm, Once } from '../common/Dialog.tsx';
import { List, type ListColumn } from '../common/List.tsx';
import { Install, TokenDialog } from './TokenDialog.tsx';
import type { Enrollment } from './token.ts';

const named = (e: Enrollment) => e.name || e.id;

function standing(e: Enrollment): { type: 'success' | 'stopped'; text: string } {
  if (new Date(e.expires) <= new Date()) return { type: 'stopped', text: 'Expired' };
  if (e.used >= e.uses) return { type: 'stopped', text: 'Used up' };
  return { type: 'success', text: 'Valid' };
}

// TokenList is the tokens with which hosts enrol.
export function TokenList() {
  const session = useSession().data;
  const query = useQuery({
    queryKey: ['enrollments'],
    queryFn: async ({ signal }) => (await get<{ enrollments: Enrollment[] }>('/assay/v1/enrollments', signal)).enrollments,
    refetchInterval: 30_000,
  });
  const [open, setOpen] = useChosen('new');
  const [made, setMade] = useState<Enrollment>();
  const [dropped, drop] = useState<Enrollment>();
  const remove = useAct((e: Enrollment) => send('DELETE', `/assay/v1/enrollments/${e.id}`), {
    refresh: ['enrollments'], quiet: true, done: (_, e) => `The token ${named(e)} no longer works.`, then: () => drop(undefined),
  });
  const columns: ListColumn<Enrollment>[] = [
    { id: 'name', header: 'Name', width: 200, rowHeader: true, by: named, cell: (e) => (e.name ? e.name : <CopyId id={e.id} />) },
    { id: 'state', header: 'State', width: 120, by: (e) => standing(e).text, cell: (e) => <StatusIndicator type={standing(e).type}>{standing(e).text}</StatusIndicator> },
    { id: 'used', header: 'Used', width: 110, by: (e) => e.used, cell: (e) => <span className="numbers">{e.used} of {e.uses}</span> },
    { id: 'expires', header: 'Expires', width: 140, by: (e) => e.expires, cell: (e) => <Time at={e.expires} /> },
    { id: 'labels', header: 'Labels', width: 200, cell: (e) => Object.entries(e.labels ?? {}).map(([k, v]) => `${k}=${v}`).join(', ') || '–' },
    { id: 'created', header: 'Made', width: 140, by: (e) => e.created, cell: (e) => <Time at={e.created} /> },
    ...(session?.management ? [{ id: 'account', header: 'Account', width: 175, by: (e: Enrollment) => e.account, cell: (e: Enrollment) => <CopyId id={e.account} /> }] : []),
    ...(may(session, 'assay:DeleteEnrollment') ? [{ id: 'actions', header: 'Actions', width: 95, cell: (e: Enrollment) => <ButtonDropdown variant="inline-icon" expandToViewport ariaLabel={`Actions for ${named(e)}`} items={[{ id: 'delete', text: 'Delete' }]} onItemClick={() => drop(e)} /> }] : []),
  ];
  const add = may(session, 'assay:CreateEnrollment') && <Button variant="primary" onClick={() => setOpen('1')}>Make a token</Button>;
  return (
    <>
      <List
        title="Enrolment tokens" id={(e) => e.id} columns={columns} query={query} rows={query.data} sort="-created" actions={add}
        text={(e) => `${named(e)} ${e.id} ${e.account} ${standing(e).text}`}
        nothing={{ title: 'No tokens', text: 'A token is what a host enrols with. It works for as many hosts, and as long, as you say.', action: add }}
      />
      {open && may(session, 'assay:CreateEnrollment') && (
        <TokenDialog
          onClose={() => setOpen(undefined)}
          onMade={(e) => {
            setOpen(undefined);
            setMade(e);
          }}
        />
      )}
      {made && <Once title="Enrol a host" onClose={() => setMade(undefined)}><Install of={made} /></Once>}
      {dropped && (
        <Confirm title={`Delete the token ${named(dropped)}?`} verb="Delete" act={remove} onDo={() => remove.mutate(dropped)} onClose={() => drop(undefined)}>
          No more hosts can enrol with it. {dropped.used > 0 ? `The ${plural(dropped.used, 'host')} that enrolled with it go on.` : 'No host has used it.'}
        </Confirm>
      )}
    </>
  );
}
