import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, get, send } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { CopyId } from '../../../parts/Copy.tsx';
import { Open } from '../../../parts/Open.tsx';
import { count, plural } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { useChosen } from '../../../parts/view.ts';
import { Panel } from '../../../shell/frame.tsx';
import { useAct } from '../common/act.ts';
import { Confirm } from '../common/Dialog.tsx';
import { List, type ListColumn } from '../common/List.tsx';
import { sentence } from '../common/wrong.ts';
import { SourceDialog } from './SourceDialog.tsx';

// A place that is watched. Source: doc/functions.md.
interface Source {
  id: string;
  account: string;
  place: string;
  endpoint?: string;
  region?: string;
  pathStyle?: boolean;
  key?: string;
  minutes: number;
  created: string;
  synced?: string;
  functions: number;
  error?: string;
  problems?: string[];
}

const sourcesQuery = queryOptions({
  queryKey: ['jobs', 'function-sources'],
  queryFn: async ({ signal }) => (await get<{ sources: Source[] }>('/assay/v1/function-sources', signal)).sources,
  refetchInterval: ({ state }) => (state.data?.some((s) => !s.synced && !s.error) ? 3_000 : 30_000),
});

function standing(s: Source): { type: 'success' | 'warning' | 'error' | 'pending'; text: string } {
  if (s.error) return { type: 'error', text: 'Failed' };
  if (!s.synced) return { type: 'pending', text: 'Not yet' };
  if (s.problems?.length) return { type: 'warning', text: plural(s.problems.length, 'problem') };
  return { type: 'success', text: 'Good' };
}

function remedy(error: string): string {
  switch (true) {
    case /no such file|not exist|NoSuchBucket/i.test(error):
      return 'Check that it is there. With several servers a folder must be there on each that works.';
    case /permission|denied|403|AccessDenied/i.test(error):
      return 'Let the user that the server runs as, or the access key, read it and list what is in it.';
    case /no such host|refused|timeout/i.test(error):
      return 'The service of the bucket does not answer. Check the endpoint.';
    default:
      return 'It is tried again by itself.';
  }
}

export function SourceList() {
  const session = useSession().data;
  const query = useQuery({ ...sourcesQuery, enabled: may(session, 'assay:ListFunctionSources') });
  const [chosen, choose] = useChosen('source');
  const [made, make] = useChosen('new');
  const [dropped, drop] = useState<Source>();
  const look = useAct((s: Source) => call(`/assay/v1/function-sources/${s.id}/sync`), { refresh: ['jobs'], done: (_, s) => `${s.place} is being looked through.` });
  const remove = useAct((s: Source) => send('DELETE', `/assay/v1/function-sources/${s.id}`), {
    refresh: ['jobs'], quiet: true, done: (_, s) => `${s.place} is no longer watched.`,
    then: () => {
      drop(undefined);
      choose(undefined);
    },
  });
  const items = [
    { id: 'look', text: 'Look now', action: 'assay:SyncFunctionSource' },
    { id: 'delete', text: 'Delete', action: 'assay:DeleteFunctionSource' },
  ].filter(({ action }) => may(session, action));
  const columns: ListColumn<Source>[] = [
    { id: 'place', header: 'Place', width: 260, rowHeader: true, by: (s) => s.place, cell: (s) => <Open name="source" value={s.id}>{s.place}</Open> },
    { id: 'state', header: 'Last look', width: 150, by: (s) => standing(s).type, cell: (s) => <State of={s} /> },
    { id: 'when', header: 'Looked through', width: 160, by: (s) => s.synced, cell: (s) => <Time at={s.synced} none="Never" /> },
    { id: 'functions', header: 'Functions', width: 125, by: (s) => s.functions, cell: (s) => <span className="numbers">{count(s.functions)}</span> },
    { id: 'minutes', header: 'Every', width: 120, by: (s) => s.minutes, cell: (s) => plural(s.minutes, 'minute') },
    ...(session?.management ? [{ id: 'account', header: 'Account', width: 175, by: (s: Source) => s.account, cell: (s: Source) => <CopyId id={s.account} /> }] : []),
    ...(items.length > 0 ? [{ id: 'actions', header: 'Actions', width: 95, cell: (s: Source) => <ButtonDropdown variant="inline-icon" expandToViewport ariaLabel={`Actions for ${s.place}`} items={items} onItemClick={({ detail }) => (detail.id === 'look' ? look.mutate(s) : drop(s))} /> }] : []),
  ];
  const add = may(session, 'assay:CreateFunctionSource') && <Button variant="primary" onClick={() => make('1')}>Add a source</Button>;
  const shown = query.data?.find((s) => s.id === chosen);
  return (
    <>
      <List
        title="Sources" id={(s) => s.id} columns={columns} query={query} rows={query.data} sort="place" actions={add}
        text={(s) => `${s.place} ${s.account} ${standing(s).text}`}
        nothing={{ title: 'No sources', text: 'No folder or bucket is watched yet. A package is NAME.zip, with its manifest NAME.json beside it.', action: add }}
      />
      {shown && <Panel header={shown.place} onClose={() => choose(undefined)}><Facts of={shown} /></Panel>}
      {made && may(session, 'assay:CreateFunctionSource') && <SourceDialog onClose={() => make(undefined)} />}
      {dropped && (
        <Confirm title={`Delete ${dropped.place}?`} verb="Delete" act={remove} onDo={() => remove.mutate(dropped)} onClose={() => drop(undefined)}>
          It is no longer watched. With it, {plural(dropped.functions, 'function')} of coverage will be gone, and their findings are closed. The files stay where they are.
        </Confirm>
      )}
    </>
  );
}

const State = ({ of }: { of: Source }) => {
  const { type, text } = standing(of);
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
};

const Facts = ({ of: s }: { of: Source }) => (
  <SpaceBetween size="l">
    {s.error && <Alert type="error" header="It could not be looked through">{sentence(s.error)} {remedy(s.error)}</Alert>}
    {s.problems && s.problems.length > 0 && (
      <Alert type="warning" header={plural(s.problems.length, 'problem')}>
        <SpaceBetween size="xs">
          <Box>A layer without an archive is not known, and what cannot be read is not scanned. Mend the packages; they are looked at again by themselves.</Box>
          {s.problems.map((text) => <Box key={text}><span className="break">{sentence(text)}</span></Box>)}
        </SpaceBetween>
      </Alert>
    )}
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'Place', value: <CopyId id={s.place} /> },
        { label: 'Last look', value: <State of={s} /> },
        { label: 'Looked through', value: <Time at={s.synced} none="Never" /> },
        { label: 'Functions', value: count(s.functions) },
        { label: 'Every', value: plural(s.minutes, 'minute') },
        ...(s.place.startsWith('s3://')
          ? [
              { label: 'Endpoint', value: s.endpoint ?? 'Amazon’s own' },
              { label: 'Region', value: s.region ?? '–' },
              { label: 'Path style', value: s.pathStyle ? 'Yes' : 'No' },
              { label: 'Access key', value: s.key ? <CopyId id={s.key} /> : 'The server’s own' },
            ]
          : []),
        { label: 'ID', value: <CopyId id={s.id} /> },
        { label: 'Account', value: <CopyId id={s.account} /> },
        { label: 'Added', value: <Time at={s.created} /> },
      ]}
    />
  </SpaceBetween>
);
