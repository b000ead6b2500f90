import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { call, send } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { resourceTypeNames, severityNames, statusNames, type SeverityName } from '../../../filter/fields.ts';
import { CopyId } from '../../../parts/Copy.tsx';
import { Go } from '../../../parts/Go.tsx';
import { Open } from '../../../parts/Open.tsx';
import { count, named, plural } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { useChosen } from '../../../parts/view.ts';
import { Panel } from '../../../shell/frame.tsx';
import { useAct } from '../common/act.ts';
import { Confirm } from '../common/Dialog.tsx';
import { List, type ListColumn } from '../common/List.tsx';
import { sentence } from '../common/wrong.ts';
import { Log } from './Log.tsx';
import { Trial } from './Trial.tsx';
import { eventKinds, kindOf, path, standing, type Sink } from './sink.ts';

const refresh = ['sinks'];

const where = (s: Sink) => s.place ?? s.hub ?? s.region ?? '–';

export function SinkList({ query, onEdit }: { query: UseQueryResult<Sink[]>; onEdit: (name: string) => void }) {
  const session = useSession().data;
  const [chosen, choose] = useChosen('sink');
  const [tried, attempt] = useState<Sink>();
  const [dropped, drop] = useState<Sink>();
  const hold = useAct((s: Sink) => call(`${path(s.name)}/${s.paused ? 'resume' : 'pause'}`), { refresh, done: (_, s) => (s.paused ? `${s.name} goes on.` : `${s.name} is paused: events wait.`) });
  const remove = useAct((s: Sink) => send('DELETE', path(s.name)), {
    refresh, quiet: true, done: (_, s) => `${s.name} is deleted.`,
    then: () => {
      drop(undefined);
      choose(undefined);
    },
  });
  const items = (s: Sink) =>
    [
      { id: 'test', text: 'Send a test', action: 'assay:TestSink' },
      { id: 'edit', text: 'Edit', action: 'assay:UpdateSink' },
      { id: 'hold', text: s.paused ? 'Resume' : 'Pause', action: 'assay:UpdateSink' },
      { id: 'delete', text: 'Delete', action: 'assay:DeleteSink' },
    ].filter(({ action }) => may(session, action));
  const does: Record<string, (s: Sink) => void> = { test: attempt, edit: (s) => onEdit(s.name), hold: (s) => hold.mutate(s), delete: drop };
  const acts = ['assay:TestSink', 'assay:UpdateSink', 'assay:DeleteSink'].some((action) => may(session, action));
  const columns: ListColumn<Sink>[] = [
    { id: 'name', header: 'Name', width: 125, rowHeader: true, by: (s) => s.name, cell: (s) => <Open name="sink" value={s.name}>{s.name}</Open> },
    { id: 'kind', header: 'Kind', width: 155, by: (s) => kindOf(s.kind).label, cell: (s) => kindOf(s.kind).label },
    { id: 'place', header: 'Where to', width: 220, by: where, cell: (s) => (s.place ? <CopyId id={s.place} /> : where(s)) },
    { id: 'state', header: 'State', width: 145, by: (s) => standing(s).text, cell: (s) => <State of={s} /> },
    { id: 'waiting', header: 'Waiting', width: 110, by: (s) => s.waiting, cell: (s) => <span className="numbers">{count(s.waiting)}</span> },
    { id: 'dead', header: 'Dead letters', width: 150, by: (s) => s.dead, cell: (s) => (s.dead > 0 && may(session, 'assay:ListDeadLetters') ? <Go to={`/settings/sinks?tab=dead&q=${encodeURIComponent(s.name)}`}>{count(s.dead)}</Go> : <span className="numbers">{count(s.dead)}</span>) },
    ...(acts ? [{ id: 'actions', header: 'Actions', width: 95, cell: (s: Sink) => <ButtonDropdown variant="inline-icon" expandToViewport ariaLabel={`Actions for ${s.name}`} items={items(s)} onItemClick={({ detail }) => does[detail.id]?.(s)} /> }] : []),
  ];
  const add = may(session, 'assay:CreateSink') && <Button variant="primary" onClick={() => onEdit('')}>Add a sink</Button>;
  const shown = query.data?.find((s) => s.name === chosen);
  return (
    <>
      <List
        title="Sinks" id={(s) => s.name} columns={columns} query={query} rows={query.data} sort="name" actions={add}
        text={(s) => `${s.name} ${kindOf(s.kind).label} ${where(s)} ${standing(s).text}`}
        nothing={{ title: 'No sinks', text: 'Nobody is told of changes yet. Add a sink: a webhook, a chat, a bus or queue of Amazon’s, a log.', action: add }}
      />
      {shown && (
        <Panel header={shown.name} onClose={() => choose(undefined)}>
          <SpaceBetween size="l">
            <Facts of={shown} />
            <Log sink={shown} test={may(session, 'assay:TestSink') && <Button onClick={() => attempt(shown)}>Send a test</Button>} />
          </SpaceBetween>
        </Panel>
      )}
      {tried && <Trial sink={tried} onClose={() => attempt(undefined)} />}
      {dropped && (
        <Confirm title={`Delete ${dropped.name}?`} verb="Delete" act={remove} onDo={() => remove.mutate(dropped)} onClose={() => drop(undefined)}>
          Nothing more is sent there. {dropped.waiting + dropped.dead > 0 && `What waits goes too: ${plural(dropped.waiting, 'event')} on their way and ${plural(dropped.dead, 'dead letter')}.`}
        </Confirm>
      )}
    </>
  );
}

const State = ({ of }: { of: Sink }) => {
  const { type, text } = standing(of);
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
};

const list = (values: string[] | undefined, names: (v: string) => string, none: string) => (values?.length ? values.map(names).join(', ') : none);
const secretLabels: Record<string, string> = { url: 'address', secret: 'secret', token: 'token', key: 'secret access key', session: 'session token' };

const Facts = ({ of: s }: { of: Sink }) => (
  <SpaceBetween size="l">
    {s.problem && <Alert type="error" header="It cannot be used">{sentence(s.problem)}</Alert>}
    {standing(s).text === 'Behind' && <Alert type="warning">Events have waited since <Time at={s.oldest} />. The delivery log says what the receiver answers; what it does not take is tried again for a day.</Alert>}
    {s.dead > 0 && <Alert type="warning">{plural(s.dead, 'event')} given up. They are kept for 14 days and can be sent again: <Go to={`/settings/sinks?tab=dead&q=${encodeURIComponent(s.name)}`}>Dead letters</Go></Alert>}
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'State', value: <State of={s} /> },
        { label: 'Kind', value: kindOf(s.kind).label },
        { label: 'Where to', value: s.place ? <CopyId id={s.place} /> : where(s) },
        { label: 'Waiting', value: count(s.waiting) },
        { label: 'Events', value: list(s.events, (e) => eventKinds.find((k) => k.value === e)?.label ?? e, 'All') },
        { label: 'Findings from severity', value: s.severity ? severityNames[s.severity as SeverityName] : 'All' },
        { label: 'Findings of status', value: list(s.statuses, (v) => named(v, statusNames), s.kind === 'eventbridge' ? 'Active, Closed' : 'All') },
        { label: 'Resources', value: list(s.resourceTypes, (v) => named(v, resourceTypeNames), 'All') },
        { label: 'Accounts', value: list(s.accounts, (v) => v, 'All') },
        ...(s.region ? [{ label: 'Region', value: s.region }] : []),
        ...(s.endpoint ? [{ label: 'Endpoint', value: <CopyId id={s.endpoint} /> }] : []),
        ...(s.role ? [{ label: 'Role', value: <CopyId id={s.role} /> }] : []),
        ...(s.keyId ? [{ label: 'Access key', value: <CopyId id={s.keyId} /> }] : []),
        ...(s.source ? [{ label: 'Source', value: s.source }] : []),
        ...(s.product ? [{ label: 'Product', value: <CopyId id={s.product} /> }] : []),
        ...(s.hub ? [{ label: 'Account of the hub', value: <CopyId id={s.hub} /> }] : []),
        ...(s.batch ? [{ label: 'Several events in one message', value: 'Yes' }] : []),
        ...(s.facility ? [{ label: 'Facility', value: String(s.facility) }] : []),
        { label: 'Secrets that are kept', value: list(s.secrets, (v) => secretLabels[v] ?? v, 'None') },
        { label: 'Added', value: <Time at={s.created} /> },
        { label: 'Changed', value: <Time at={s.updated} /> },
      ]}
    />
    {s.authority && <Box color="text-body-secondary">It trusts authorities of its own besides those of the system.</Box>}
  </SpaceBetween>
);
