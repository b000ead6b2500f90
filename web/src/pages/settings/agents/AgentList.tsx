import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { get, send } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { Command, CopyId } from '../../../parts/Copy.tsx';
import { Go } from '../../../parts/Go.tsx';
import { findingsPath } from '../../../parts/links.ts';
import { Open } from '../../../parts/Open.tsx';
import { count, plural } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { useChosen } from '../../../parts/view.ts';
import { Panel } from '../../../shell/frame.tsx';
import { useAct } from '../common/act.ts';
import { Confirm } from '../common/Dialog.tsx';
import { List, type ListColumn } from '../common/List.tsx';
import { sentence } from '../common/wrong.ts';

// A host that was enrolled. Source: doc/agent.md.
interface Agent {
  id: string;
  account: string;
  resource: string;
  accessKeyId: string;
  version?: string;
  host: { name: string; os?: string; arch?: string; kernel?: string; ipv4?: string[]; ipv6?: string[] };
  enrolled: string;
  lastSeen: string;
  lastReported?: string;
  packages: number;
  waiting: number; // reports that it could not send yet
  trouble?: string;
  silent: boolean; // three signs of life are missing
}

function standing(a: Agent): { type: 'success' | 'warning' | 'error' | 'pending'; text: string } {
  if (a.silent) return { type: 'error', text: 'Silent' };
  if (a.trouble) return { type: 'warning', text: 'In trouble' };
  if (a.waiting > 0) return { type: 'warning', text: `${plural(a.waiting, 'report')} waiting` };
  if (!a.lastReported) return { type: 'pending', text: 'No report yet' };
  return { type: 'success', text: 'Reporting' };
}

export function AgentList() {
  const session = useSession().data;
  const query = useQuery({
    queryKey: ['agents'],
    queryFn: async ({ signal }) => (await get<{ agents: Agent[] }>('/assay/v1/agents', signal)).agents,
    refetchInterval: 15_000, // signs of life are no live event
    meta: { live: ['coverage'] },
  });
  const [chosen, choose] = useChosen('agent');
  const [, setParams] = useSearchParams();
  const [dropped, drop] = useState<Agent>();
  const remove = useAct((a: Agent) => send('DELETE', `/assay/v1/agents/${a.id}`), {
    refresh: ['agents'], quiet: true, done: (_, a) => `The agent of ${a.host.name} is deleted, and its key refused.`,
    then: () => {
      drop(undefined);
      choose(undefined);
    },
  });
  const columns: ListColumn<Agent>[] = [
    { id: 'host', header: 'Host', width: 190, rowHeader: true, by: (a) => a.host.name, cell: (a) => <Open name="agent" value={a.id}>{a.host.name}</Open> },
    { id: 'state', header: 'State', width: 160, by: (a) => standing(a).text, cell: (a) => <State of={a} /> },
    { id: 'seen', header: 'Last heard', width: 140, by: (a) => a.lastSeen, cell: (a) => <Time at={a.lastSeen} /> },
    { id: 'reported', header: 'Last report', width: 140, by: (a) => a.lastReported, cell: (a) => <Time at={a.lastReported} none="None yet" /> },
    { id: 'packages', header: 'Packages', width: 125, by: (a) => a.packages, cell: (a) => <span className="numbers">{count(a.packages)}</span> },
    { id: 'resource', header: 'Resource', width: 190, by: (a) => a.resource, cell: (a) => <CopyId id={a.resource} /> },
    { id: 'version', header: 'Version', width: 115, by: (a) => a.version, cell: (a) => a.version ?? '–' },
    ...(session?.management ? [{ id: 'account', header: 'Account', width: 175, by: (a: Agent) => a.account, cell: (a: Agent) => <CopyId id={a.account} /> }] : []),
    ...(may(session, 'assay:DeleteAgent') ? [{ id: 'actions', header: 'Actions', width: 95, cell: (a: Agent) => <ButtonDropdown variant="inline-icon" expandToViewport ariaLabel={`Actions for ${a.host.name}`} items={[{ id: 'delete', text: 'Delete' }]} onItemClick={() => drop(a)} /> }] : []),
  ];
  const silent = query.data?.filter((a) => a.silent).length ?? 0;
  const enrol = may(session, 'assay:CreateEnrollment') && <Button variant="primary" onClick={() => setParams({ tab: 'tokens', new: '1' })}>Enrol a host</Button>;
  const shown = query.data?.find((a) => a.id === chosen);
  return (
    <SpaceBetween size="m">
      {silent > 0 && <Alert type="warning" header={`${plural(silent, 'host')} silent`}>Three signs of life are missing. Findings stay open, but nothing new is learned. Open the host in the list to see what to do.</Alert>}
      <List
        title="Hosts" id={(a) => a.id} columns={columns} query={query} rows={query.data} sort="host" actions={enrol}
        text={(a) => `${a.host.name} ${a.resource} ${a.account} ${a.version ?? ''} ${standing(a).text} ${[...(a.host.ipv4 ?? []), ...(a.host.ipv6 ?? [])].join(' ')}`}
        nothing={{ title: 'No hosts', text: 'No host has an agent yet. Make a token, and enrol one with it. Hosts without an agent can be scanned with assay scan host.', action: enrol }}
      />
      {shown && <Panel header={shown.host.name} onClose={() => choose(undefined)}><Facts of={shown} /></Panel>}
      {dropped && (
        <Confirm title={`Delete the agent of ${dropped.host.name}?`} verb="Delete" act={remove} onDo={() => remove.mutate(dropped)} onClose={() => drop(undefined)}>
          Its access key is refused from now on. What is known of the host stays, with its findings, and coverage says that it has no agent. To have it back, enrol the host again.
        </Confirm>
      )}
    </SpaceBetween>
  );
}

const State = ({ of }: { of: Agent }) => {
  const { type, text } = standing(of);
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
};

const Facts = ({ of: a }: { of: Agent }) => (
  <SpaceBetween size="l">
    {a.silent && (
      <Alert type="error" header={<>Nothing heard since <Time at={a.lastSeen} /></>}>
        <SpaceBetween size="s">
          <span>The host is off, the agent does not run, or the network between it and the server is broken. Look on the host; the second command says when the server last answered, and the last error. If the host is gone for good, delete its agent.</span>
          <Command text={'systemctl status assay-agent\nassay-agent status\nsystemctl restart assay-agent'} label="Copy the commands that look at the agent" />
        </SpaceBetween>
      </Alert>
    )}
    {a.trouble && <Alert type="warning" header="The agent says">{sentence(a.trouble)}</Alert>}
    {!a.silent && a.waiting > 0 && <Alert type="info">{plural(a.waiting, 'report')} could not be sent yet. The agent tries again by itself.</Alert>}
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'State', value: <State of={a} /> },
        { label: 'Last sign of life', value: <Time at={a.lastSeen} /> },
        { label: 'Last report', value: <Time at={a.lastReported} none="None yet" /> },
        { label: 'Enrolled', value: <Time at={a.enrolled} /> },
        { label: 'Resource', value: <CopyId id={a.resource} /> },
        { label: 'Findings', value: <Go to={findingsPath({ resourceId: a.resource })}>Findings of this host</Go> },
        { label: 'Packages', value: count(a.packages) },
        { label: 'Version of the agent', value: a.version ?? '–' },
        { label: 'System', value: [a.host.os, a.host.arch].filter(Boolean).join(', ') || '–' },
        { label: 'Kernel', value: a.host.kernel ?? '–' },
        { label: 'Addresses', value: [...(a.host.ipv4 ?? []), ...(a.host.ipv6 ?? [])].map((ip) => <div key={ip}><CopyId id={ip} /></div>) },
        { label: 'Access key', value: <CopyId id={a.accessKeyId} /> },
        { label: 'Agent', value: <CopyId id={a.id} /> },
        { label: 'Account', value: <CopyId id={a.account} /> },
      ]}
    />
  </SpaceBetween>
);
