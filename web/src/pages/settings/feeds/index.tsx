import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, get } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { Command, CopyId, shortId } from '../../../parts/Copy.tsx';
import { Open } from '../../../parts/Open.tsx';
import { count, plural } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { useChosen } from '../../../parts/view.ts';
import { Panel } from '../../../shell/frame.tsx';
import { useAct } from '../common/act.ts';
import { Dialog } from '../common/Dialog.tsx';
import { List, type ListColumn } from '../common/List.tsx';
import { Lines, Sub } from '../common/Sub.tsx';
import { sentence } from '../common/wrong.ts';

// Source: doc/server.md, "Feeds".
interface Feed {
  place: string;
  path: string;
  name?: string; // of the format
  digest?: string;
  newest?: string;
  read: number; // records
  stored: number;
  rejected: number;
  reasons?: Record<string, number>;
  changed?: string;
  success?: string;
  failed?: string;
  failures?: number; // looks in a row
  error?: string;
}

interface FeedsState {
  feeds: Feed[];
  places: string[];
  last?: string;
  error?: string;
  editions?: { database: string; enrichment?: string; published: string }[];
}

const id = (f: Feed) => `${f.place} ${f.path}`;

function standing(f: Feed): { type: 'success' | 'error' | 'pending'; text: string } {
  if (f.failures) return { type: 'error', text: f.failures === 1 ? 'Failed' : `Failed ${f.failures} times` };
  if (!f.success) return { type: 'pending', text: 'Not read yet' };
  return { type: 'success', text: 'Good' };
}

const columns: ListColumn<Feed>[] = [
  { id: 'path', header: 'Feed', width: 260, rowHeader: true, by: (f) => f.path, cell: (f) => <Open name="feed" value={id(f)}>{f.path}</Open> },
  { id: 'name', header: 'Format', width: 110, by: (f) => f.name, cell: (f) => f.name ?? 'Unknown' },
  { id: 'state', header: 'State', width: 160, by: (f) => standing(f).type, cell: (f) => <StatusIndicator type={standing(f).type}>{standing(f).text}</StatusIndicator> },
  { id: 'age', header: 'Last seen whole', width: 180, by: (f) => f.success, cell: (f) => <Time at={f.success} none="Never" /> },
  { id: 'newest', header: 'Newest record', width: 165, by: (f) => f.newest, cell: (f) => <Time at={f.newest} /> },
  { id: 'stored', header: 'Records', width: 120, by: (f) => f.stored, cell: (f) => <span className="numbers">{count(f.stored)}</span> },
  { id: 'rejected', header: 'Rejected', width: 120, by: (f) => f.rejected, cell: (f) => <span className="numbers">{count(f.rejected)}</span> },
  { id: 'place', header: 'Place', width: 260, by: (f) => f.place, cell: (f) => <CopyId id={f.place} /> },
];

export default function Feeds() {
  const session = useSession().data;
  const query = useQuery({
    queryKey: ['jobs', 'feeds'],
    queryFn: ({ signal }) => get<FeedsState>('/assay/v1/feeds', signal),
    enabled: may(session, 'assay:ListFeeds'),
    refetchInterval: 30_000,
  });
  const [chosen, choose] = useChosen('feed');
  const [asks, ask] = useState(false);
  const data = query.data;
  const none = data !== undefined && data.places.length === 0;
  const sync = may(session, 'assay:SyncFeeds') && session?.management && !none && <Button variant="primary" disabled={!data} onClick={() => ask(true)}>Look now</Button>;
  const shown = data?.feeds.find((f) => id(f) === chosen);
  const failing = data?.feeds.filter((f) => f.failures).length ?? 0;
  return (
    <Sub title="Advisory feeds" description="What publishers say of vulnerabilities, from which the server builds its advisory database." action="assay:ListFeeds">
      <SpaceBetween size="l">
        {data?.error && <Alert type="error" header="No database could be built of the feeds">{sentence(data.error)} The last good one stays in use; the next look is made by itself.</Alert>}
        {failing > 0 && <Alert type="warning" header={`${plural(failing, 'feed')} cannot be had or read`}>The last good data of each is in use. The next look is made within five minutes; open a feed in the list to see why it failed.</Alert>}
        <InUse state={data} />
        <List
          title="Feeds" id={id} columns={columns} query={query} rows={data?.feeds} sort="path" actions={sync}
          description={data?.last && <>Last looked at <Time at={data.last} /></>}
          text={(f) => `${id(f)} ${f.name ?? ''} ${standing(f).text}`}
          nothing={none
            ? { title: 'No feeds', text: 'This server uses an advisory database that it was given. Start it with places of feeds, and it builds its own every hour:', action: <Box textAlign="left"><Command text="assay serve --feeds https://mirror.example.org/advisories/" label="Copy the command that starts a server with feeds" /></Box> }
            : { title: 'Nothing read yet', text: 'The places of the feeds have not been looked at yet, or hold no file that is known.', action: sync }}
        />
      </SpaceBetween>
      {shown && <Panel header={shown.path} onClose={() => choose(undefined)}><Facts of={shown} /></Panel>}
      {asks && <LookDialog onClose={() => ask(false)} />}
    </Sub>
  );
}

// InUse says which advisories findings are made of.
function InUse({ state }: { state: FeedsState | undefined }) {
  const advisories = useSession().data?.advisories;
  const edition = state?.editions?.[0];
  return (
    <Container header={<Header variant="h2">In use</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Advisories', value: count(advisories?.advisories ?? 0) },
          { label: 'Built', value: <Time at={advisories?.built} /> },
          { label: 'Database', value: edition ? <CopyId id={edition.database} show={shortId(edition.database)} /> : advisories?.starter ? <StatusIndicator type="warning">Starter set</StatusIndicator> : 'Given to the server' },
          { label: 'Published', value: <Time at={edition?.published} /> },
          ...(state && state.places.length > 0 ? [{ label: 'Places', value: <Lines of={state.places} /> }] : []),
          ...(state?.editions && state.editions.length > 1 ? [{ label: 'Former editions', value: <>{state.editions.slice(1).map((e) => <div key={e.published}><CopyId id={e.database} show={shortId(e.database)} />, <Time at={e.published} /></div>)}</> }] : []),
        ]}
      />
      {advisories?.starter && <Box margin={{ top: 'm' }} color="text-body-secondary">The starter set that the program brings along is small: many vulnerabilities are not in it. Give the server feeds, or a full database with --db.</Box>}
    </Container>
  );
}

const Facts = ({ of: f }: { of: Feed }) => (
  <SpaceBetween size="l">
    {f.error && (
      <Alert type="error" header={<>Failed <Time at={f.failed} /></>}>
        {sentence(f.error)} {/half|lost/i.test(f.error) ? 'If the publisher meant that, look now and take what has lost its records for meant.' : 'The last good data is in use. Check that the place can be reached from the server and that the file is whole.'}
      </Alert>
    )}
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'State', value: <StatusIndicator type={standing(f).type}>{standing(f).text}</StatusIndicator> },
        { label: 'Last seen whole', value: <Time at={f.success} none="Never" /> },
        { label: 'What is in use came', value: <Time at={f.changed} none="Never" /> },
        { label: 'Newest record', value: <Time at={f.newest} /> },
        { label: 'Records read', value: count(f.read) },
        { label: 'Records stored', value: count(f.stored) },
        { label: 'Records rejected', value: count(f.rejected) },
        { label: 'Format', value: f.name ?? 'Unknown' },
        { label: 'Place', value: <CopyId id={f.place} /> },
        { label: 'Digest', value: f.digest ? <CopyId id={f.digest} show={shortId(f.digest)} /> : '–' },
        ...(f.reasons && Object.keys(f.reasons).length > 0 ? [{ label: 'Why records were rejected', value: <Lines of={Object.entries(f.reasons).map(([why, n]) => `${why}: ${count(n)}`)} /> }] : []),
      ]}
    />
  </SpaceBetween>
);

function LookDialog({ onClose }: { onClose: () => void }) {
  const [accept, setAccept] = useState(false);
  const look = useAct(() => call('/assay/v1/feeds/sync', accept ? { accept } : {}), { refresh: ['jobs'], done: () => 'All feeds are being looked at. What changed is in use as soon as the database is built.', then: onClose });
  return (
    <Dialog title="Look at all feeds now?" verb="Look now" busy={look.isPending} onDo={() => look.mutate()} onClose={onClose}>
      <Box>The server also looks every hour by itself.</Box>
      <Checkbox checked={accept} description="A feed that has lost more than half of its records is otherwise held to be broken, and its last good data is kept." onChange={({ detail }) => setAccept(detail.checked)}>Take what has lost its records for meant</Checkbox>
    </Dialog>
  );
}
