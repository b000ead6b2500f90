import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { call, send } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { CopyId } from '../../../parts/Copy.tsx';
import { Open } from '../../../parts/Open.tsx';
import { count, plural } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { useChosen } from '../../../parts/view.ts';
import { Panel } from '../../../shell/frame.tsx';
import { useAct } from '../common/act.ts';
import { Confirm, Once } from '../common/Dialog.tsx';
import { List, type ListColumn } from '../common/List.tsx';
import { sentence } from '../common/wrong.ts';
import { Hook } from './Hook.tsx';
import { changed, formats, remedy, standing, type Registry } from './registry.ts';

const path = (r: Registry) => `/assay/v1/registries/${r.id}`;
const key = ['jobs', 'registries'];

const ways = (r: Registry) => [...new Set(r.rules.map((rule) => rule.scan))].map((scan) => (scan === 'basic' ? 'Basic' : 'Enhanced')).join(', ');

export function RegistryList({ query, onEdit }: { query: UseQueryResult<Registry[]>; onEdit: (id: string) => void }) {
  const session = useSession().data;
  const [chosen, choose] = useChosen('registry');
  const [dropped, drop] = useState<Registry>();
  const [hooked, hook] = useState<Registry>();
  const [renewed, renew] = useState<Registry>();
  const walk = useAct((r: Registry) => call(`${path(r)}/sync`), { refresh: key, done: (_, r) => `${r.name} is being walked. What comes of it is shown here as soon as it is done.` });
  const remove = useAct((r: Registry) => send('DELETE', path(r)), {
    refresh: key, quiet: true, done: (_, r) => `${r.name} is no longer watched.`,
    then: () => {
      drop(undefined);
      choose(undefined);
    },
  });
  const secret = useAct((r: Registry) => send<Registry>('PUT', path(r), { ...changed(r), newSecret: true }), {
    refresh: key, quiet: true,
    then: (after) => {
      renew(undefined);
      hook(after);
    },
  });

  const items = [
    { id: 'walk', text: 'Walk now', action: 'assay:SyncRegistry' },
    { id: 'edit', text: 'Edit', action: 'assay:UpdateRegistry' },
    { id: 'secret', text: 'New secret for notifications', action: 'assay:UpdateRegistry' },
    { id: 'delete', text: 'Delete', action: 'assay:DeleteRegistry' },
  ].filter(({ action }) => may(session, action));
  const does: Record<string, (r: Registry) => void> = { walk: (r) => walk.mutate(r), edit: (r) => onEdit(r.id), secret: renew, delete: drop };
  const columns: ListColumn<Registry>[] = [
    { id: 'name', header: 'Name', width: 190, rowHeader: true, by: (r) => r.name, cell: (r) => <Open name="registry" value={r.id}>{r.name}</Open> },
    { id: 'address', header: 'Address', width: 200, by: (r) => r.address, cell: (r) => <CopyId id={r.address} /> },
    { id: 'state', header: 'Last walk', width: 145, by: (r) => standing(r).type, cell: (r) => <State of={r} /> },
    { id: 'when', header: 'Walked', width: 135, by: (r) => r.state.synced, cell: (r) => <Time at={r.state.synced} none="Never" /> },
    { id: 'images', header: 'Images', width: 115, by: (r) => r.state.images, cell: (r) => <span className="numbers">{count(r.state.images)}</span> },
    { id: 'scan', header: 'Scanning', width: 125, by: ways, cell: ways },
    ...(session?.management ? [{ id: 'account', header: 'Account', width: 175, by: (r: Registry) => r.account, cell: (r: Registry) => <CopyId id={r.account} /> }] : []),
    ...(items.length > 0 ? [{ id: 'actions', header: 'Actions', width: 95, cell: (r: Registry) => <ButtonDropdown variant="inline-icon" expandToViewport ariaLabel={`Actions for ${r.name}`} items={items} onItemClick={({ detail }) => does[detail.id]?.(r)} /> }] : []),
  ];
  const add = may(session, 'assay:CreateRegistry') && <Button variant="primary" onClick={() => onEdit('new')}>Add a registry</Button>;
  const shown = query.data?.find((r) => r.id === chosen);
  return (
    <>
      <List
        title="Registries" id={(r) => r.id} columns={columns} query={query} rows={query.data} sort="name"
        text={(r) => `${r.name} ${r.address} ${r.account} ${standing(r).text}`}
        actions={add}
        nothing={{ title: 'No registries', text: 'No registry is watched yet. Add one to have its images scanned when they are pushed, and again when more becomes known.', action: add }}
      />
      {shown && <Panel header={shown.name} onClose={() => choose(undefined)}><Facts of={shown} /></Panel>}
      {dropped && (
        <Confirm title={`Delete ${dropped.name}?`} verb="Delete" act={remove} onDo={() => remove.mutate(dropped)} onClose={() => drop(undefined)}>
          The registry at {dropped.address} is no longer watched. With it, {plural(dropped.state.images, 'image')} of coverage will be gone, and their findings are closed. This cannot be undone; the registry itself is not changed.
        </Confirm>
      )}
      {renewed && (
        <Confirm title={`New secret for ${renewed.name}?`} verb="Make a new secret" act={secret} onDo={() => secret.mutate(renewed)} onClose={() => renew(undefined)}>
          Notifications with the former secret are refused from now on, until the registry has the new one.
        </Confirm>
      )}
      {hooked && <Once title={`Notifications of ${hooked.name}`} onClose={() => hook(undefined)}><Hook of={hooked} /></Once>}
    </>
  );
}

const State = ({ of }: { of: Registry }) => {
  const { type, text } = standing(of);
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
};

const mebibytes = (bytes: number) => (bytes >= 2 ** 30 ? `${count(Math.round((bytes / 2 ** 30) * 10) / 10)} GiB` : `${count(Math.round(bytes / 2 ** 20))} MiB`);

function Facts({ of: r }: { of: Registry }) {
  const { state } = r;
  return (
    <SpaceBetween size="l">
      {state.error && <Alert type="error" header="The last walk did not end">{sentence(state.error)} {remedy(state.error)}</Alert>}
      {state.problems && state.problems.length > 0 && (
        <Alert type="warning" header={plural(state.problems.length, 'problem')}>
          <SpaceBetween size="xs">
            <Box>This could not be read at the last walk. What could not be seen is not taken to be gone.</Box>
            {state.problems.map((text) => <Box key={text}><span className="break">{sentence(text)}</span></Box>)}
            <Box>{remedy(state.problems.join(' '))}</Box>
          </SpaceBetween>
        </Alert>
      )}
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Address', value: <CopyId id={r.address} /> },
          { label: 'Last walk', value: <State of={r} /> },
          { label: 'Walked', value: <Time at={state.synced} none="Never" /> },
          { label: 'Tried', value: <Time at={state.tried} none="Never" /> },
          { label: 'Repositories', value: count(state.repositories) },
          { label: 'Tags', value: count(state.tags) },
          { label: 'Images', value: count(state.images) },
          { label: 'Scans begun', value: count(state.scans) },
          { label: 'User', value: r.username || 'None: as anybody may' },
          { label: 'Connections that cannot be verified', value: r.insecure ? 'Allowed' : 'Refused' },
          { label: 'Walked every', value: plural(r.intervalMinutes, 'minute') },
          { label: 'Largest image', value: mebibytes(r.maxImageBytes) },
          { label: 'Notifications', value: formats.find((f) => f.value === r.notifications)?.label ?? r.notifications },
          { label: 'ID', value: <CopyId id={r.id} /> },
          { label: 'Account', value: <CopyId id={r.account} /> },
          { label: 'Changed', value: <Time at={r.updated} /> },
        ]}
      />
      <SpaceBetween size="xs">
        <Box variant="h3">Rules, the first that fits holds</Box>
        <ol>
          {r.rules.map((rule, i) => (
            <li key={i}><span className="break">{rule.scan === 'basic' ? 'Basic' : 'Enhanced'}: repositories {rule.repositories.join(', ')}; {rule.tags?.length ? `tags ${rule.tags.join(', ')}` : 'all tags'}</span></li>
          ))}
        </ol>
      </SpaceBetween>
      <ExpandableSection headerText="Notifications"><Hook of={r} /></ExpandableSection>
    </SpaceBetween>
  );
}
