import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, get, send } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { CopyId } from '../../../parts/Copy.tsx';
import { Time } from '../../../parts/Time.tsx';
import { useChosen } from '../../../parts/view.ts';
import { problem, useAct } from '../common/act.ts';
import { Confirm, Dialog, Once } from '../common/Dialog.tsx';
import { List, type ListColumn } from '../common/List.tsx';
import { wrongWith } from '../common/wrong.ts';
import { KeyDialog, Secret } from './KeyDialog.tsx';
import { roleName, type Key } from './key.ts';

function standing(k: Key): { type: 'success' | 'stopped'; text: string } {
  if (k.disabled) return { type: 'stopped', text: 'Disabled' };
  if (k.expires && new Date(k.expires) <= new Date()) return { type: 'stopped', text: 'Expired' };
  return { type: 'success', text: 'In use' };
}

const path = (k: Key) => `/assay/v1/keys/${encodeURIComponent(k.id)}`;
const refresh = ['keys'];

export function KeyList() {
  const session = useSession().data;
  const query = useQuery({
    queryKey: ['keys'],
    queryFn: async ({ signal }) => (await get<{ keys: Key[] }>('/assay/v1/keys', signal)).keys,
    enabled: may(session, 'assay:ListKeys'),
  });
  const [open, setOpen] = useChosen('new');
  const [made, setMade] = useState<Key>();
  const [asked, ask] = useState<{ what: 'rotate' | 'disable' | 'delete'; key: Key }>();
  const done = () => ask(undefined);
  const disable = useAct((k: Key) => call(`${path(k)}/disable`), { refresh, quiet: true, done: (_, k) => `The key of ${k.name} is disabled.`, then: done });
  const remove = useAct((k: Key) => send('DELETE', path(k)), { refresh, quiet: true, done: (_, k) => `The key of ${k.name} is deleted.`, then: done });
  const items = (k: Key) =>
    [
      { id: 'rotate', text: 'Rotate', action: 'assay:RotateKey', disabled: standing(k).text !== 'In use', disabledReason: 'It is not in use.' },
      { id: 'disable', text: 'Disable', action: 'assay:DisableKey', disabled: Boolean(k.disabled), disabledReason: 'It is disabled already.' },
      { id: 'delete', text: 'Delete', action: 'assay:DeleteKey' },
    ].filter(({ action }) => may(session, action));
  const acts = ['assay:RotateKey', 'assay:DisableKey', 'assay:DeleteKey'].some((action) => may(session, action));
  const columns: ListColumn<Key>[] = [
    { id: 'name', header: 'Holder', width: 165, rowHeader: true, by: (k) => k.name, cell: (k) => <span className="break">{k.name}</span> },
    { id: 'id', header: 'Access key ID', width: 260, by: (k) => k.id, cell: (k) => <CopyId id={k.id} /> },
    { id: 'role', header: 'Role', width: 140, by: (k) => k.role, cell: (k) => roleName(k.role) },
    { id: 'state', header: 'State', width: 120, by: (k) => standing(k).text, cell: (k) => <StatusIndicator type={standing(k).type}>{standing(k).text}</StatusIndicator> },
    { id: 'used', header: 'Last used', width: 145, by: (k) => k.lastUsed, cell: (k) => <Time at={k.lastUsed} none="Never" /> },
    { id: 'expires', header: 'Ends', width: 130, by: (k) => k.expires, cell: (k) => <Time at={k.expires} none="Never" /> },
    { id: 'created', header: 'Made', width: 130, by: (k) => k.created, cell: (k) => <Time at={k.created} /> },
    ...(session?.management ? [{ id: 'account', header: 'Account', width: 175, by: (k: Key) => k.account, cell: (k: Key) => <CopyId id={k.account} /> }] : []),
    ...(acts ? [{ id: 'actions', header: 'Actions', width: 95, cell: (k: Key) => <ButtonDropdown variant="inline-icon" expandToViewport ariaLabel={`Actions for ${k.id}`} items={items(k)} onItemClick={({ detail }) => ask({ what: detail.id as 'rotate', key: k })} /> }] : []),
  ];
  const add = may(session, 'assay:CreateKey') && <Button variant="primary" onClick={() => setOpen('1')}>Make an access key</Button>;
  return (
    <>
      <List
        title="Access keys" id={(k) => k.id} columns={columns} query={query} rows={query.data} sort="-created" actions={add}
        text={(k) => `${k.name} ${k.id} ${roleName(k.role)} ${k.account} ${k.subject ?? ''} ${standing(k).text}`}
        nothing={{ title: 'No access keys', text: 'Nobody can call the API of this account yet.', action: add }}
      />
      {open && may(session, 'assay:CreateKey') && (
        <KeyDialog
          onClose={() => setOpen(undefined)}
          onMade={(k) => {
            setOpen(undefined);
            setMade(k);
          }}
        />
      )}
      {made && <Once title={`Access key of ${made.name}`} onClose={() => setMade(undefined)}><Secret of={made} /></Once>}
      {asked?.what === 'rotate' && (
        <Rotate
          of={asked.key}
          onClose={done}
          onMade={(k) => {
            done();
            setMade(k);
          }}
        />
      )}
      {asked?.what === 'disable' && (
        <Confirm title={`Disable the key of ${asked.key.name}?`} verb="Disable" act={disable} onDo={() => disable.mutate(asked.key)} onClose={done}>
          <Facts of={asked.key} /> It is refused from now on, and so are the sessions that were begun with it. A disabled key cannot be enabled again.
        </Confirm>
      )}
      {asked?.what === 'delete' && (
        <Confirm title={`Delete the key of ${asked.key.name}?`} verb="Delete" act={remove} onDo={() => remove.mutate(asked.key)} onClose={done}>
          <Facts of={asked.key} /> It is refused from now on and leaves this list. The audit log still names it.
        </Confirm>
      )}
    </>
  );
}

const Facts = ({ of: k }: { of: Key }) => (
  <>{k.id}, {roleName(k.role).toLowerCase()} of account {k.account}, {k.lastUsed ? <>last used <Time at={k.lastUsed} />.</> : 'never used.'}</>
);

const overlaps = [['0', 'Until I disable it'], ['1', 'For an hour'], ['24', 'For a day'], ['168', 'For a week']].map(([value, label]) => ({ value: value!, label: label! }));

function Rotate({ of: k, onClose, onMade }: { of: Key; onClose: () => void; onMade: (made: Key) => void }) {
  const [hours, setHours] = useState('24');
  const rotate = useAct(() => call<Key>(`${path(k)}/rotate`, { overlapHours: Number(hours) }), { refresh, quiet: true, then: onMade });
  const wrong = wrongWith(rotate.error, ['overlapHours']);
  return (
    <Dialog title={`Rotate the key of ${k.name}?`} verb="Rotate" busy={rotate.isPending} onDo={() => rotate.mutate()} onClose={onClose}>
      {problem(wrong, 'The key was not rotated')}
      <Box>The same holder gets another key, with the same role. Its secret is shown once.</Box>
      <FormField label="The old key still works" errorText={wrong.on('overlapHours')}>
        <Select selectedOption={overlaps.find((o) => o.value === hours) ?? null} options={overlaps} onChange={({ detail }) => setHours(detail.selectedOption.value ?? '24')} />
      </FormField>
    </Dialog>
  );
}
