import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { get } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { Command, CopyId } from '../../../parts/Copy.tsx';
import { Empty } from '../../../parts/Empty.tsx';
import { Open } from '../../../parts/Open.tsx';
import { Problem } from '../../../parts/Problem.tsx';
import { Time } from '../../../parts/Time.tsx';
import { useChosen } from '../../../parts/view.ts';
import { Panel } from '../../../shell/frame.tsx';
import { Sub } from '../common/Sub.tsx';
import { sentence } from '../common/wrong.ts';
import { Filter } from './Filter.tsx';
import { action, query as queryOf, readWhere, who, type AuditRecord, type Trail, type Where } from './record.ts';
import { usePages } from './usePages.ts';

const size = 50; // records a page

const columns: TableProps.ColumnDefinition<AuditRecord>[] = [
  { id: 'time', header: 'When', width: 130, cell: (r) => <Time at={r.eventTime} /> },
  {
    id: 'action', header: 'Action', width: 260, isRowHeader: true,
    cell: (r) => <Open name="record" value={r.eventID}>{action(r)}</Open>,
  },
  { id: 'result', header: 'Result', width: 190, cell: (r) => <Result of={r} /> },
  { id: 'who', header: 'Who', width: 140, cell: (r) => <span className="break">{who(r)}</span> },
  { id: 'address', header: 'From', width: 140, cell: (r) => (r.sourceIPAddress ? <CopyId id={r.sourceIPAddress} /> : '–') },
  { id: 'account', header: 'Account', width: 175, cell: (r) => (r.recipientAccountId ? <CopyId id={r.recipientAccountId} /> : 'Unknown') },
  { id: 'changes', header: 'Changes', width: 110, cell: (r) => (r.readOnly ? 'No' : 'Yes') },
];

const Result = ({ of: r }: { of: AuditRecord }) => <StatusIndicator type={r.errorCode ? 'error' : 'success'}>{r.errorCode ?? 'Success'}</StatusIndicator>;

// download gives a person what is shown, as a file.
function download(records: AuditRecord[]): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify({ Records: records }, null, 2)}\n`], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `assay-audit-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, '')}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export default function Audit() {
  return (
    <Sub title="Audit log" description="Every call, in the form of AWS CloudTrail: who did what, from where, and what came of it." action="assay:ListAudit">
      <Trails />
    </Sub>
  );
}

function Trails() {
  const session = useSession().data;
  const [params, setParams] = useSearchParams();
  const [chosen, choose] = useChosen('record');
  const where = readWhere(params);
  const pages = usePages(JSON.stringify(where));
  const query = useQuery({
    queryKey: ['audit', where, pages.token],
    queryFn: ({ signal }) => get<Trail>(`/assay/v1/audit?${queryOf(where, new Date(), size, pages.token)}`, signal),
    enabled: may(session, 'assay:ListAudit'),
    placeholderData: keepPreviousData,
  });
  const change = (to: Where) =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      for (const [name, value] of Object.entries(to)) {
        if (value) after.set(name, value as string);
        else after.delete(name);
      }
      after.delete('page');
      after.delete('record');
      return after;
    });
  const records = query.data?.Records;
  const next = query.isPlaceholderData ? undefined : query.data?.nextToken;
  const shown = records?.find((r) => r.eventID === chosen);
  const filtered = Object.values(where).some(Boolean);
  return (
    <>
      <Table<AuditRecord>
        items={query.error ? [] : (records ?? [])}
        trackBy={(r) => r.eventID}
        columnDefinitions={columns}
        resizableColumns
        stickyHeader
        enableKeyboardNavigation
        loading={query.isPending && !query.error}
        loadingText="Loading records"
        ariaLabels={{ tableLabel: 'Records' }}
        header={
          <Header
            description="The latest first."
            actions={
              <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                {query.isFetching && !query.isPending && <Spinner />}
                <Button iconName="refresh" ariaLabel="Load records again" onClick={() => void query.refetch()} />
                <Button iconName="download" disabled={!records?.length} onClick={() => records && download(records)}>Download this page as JSON</Button>
              </SpaceBetween>
            }
          >
            Records
          </Header>
        }
        filter={<Filter where={where} onChange={change} />}
        pagination={<Pagination currentPageIndex={pages.page} pagesCount={pages.page} openEnd={next !== undefined} disabled={query.isPending} onChange={({ detail }) => pages.go(detail.currentPageIndex, next)} />}
        empty={
          query.error ? <Problem error={query.error} retry={() => void query.refetch()} />
          : filtered ? <Empty title="No records match" text="Nothing like that was recorded in this time." action={<Button onClick={() => change({ action: '', result: '', from: '', to: '' })}>Clear the filter</Button>} />
          : <Empty title="No records" text="Nothing has been called yet. Records are written within a second." />
        }
      />
      {shown && <Panel header={action(shown)} onClose={() => choose(undefined)}><Facts of={shown} /></Panel>}
    </>
  );
}

const Facts = ({ of: r }: { of: AuditRecord }) => (
  <SpaceBetween size="l">
    {r.errorMessage && <Alert type="error" header={r.errorCode}>{sentence(r.errorMessage)}</Alert>}
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'When', value: <>{r.eventTime} (<Time at={r.eventTime} />)</> },
        { label: 'Result', value: <Result of={r} /> },
        { label: 'Who', value: r.userIdentity.arn ? <CopyId id={r.userIdentity.arn} /> : who(r) },
        { label: 'Access key', value: r.userIdentity.accessKeyId ? <CopyId id={r.userIdentity.accessKeyId} /> : '–' },
        { label: 'From', value: r.sourceIPAddress ? <CopyId id={r.sourceIPAddress} /> : '–' },
        { label: 'With', value: <span className="break">{r.userAgent || '–'}</span> },
        { label: 'Account', value: r.recipientAccountId ? <CopyId id={r.recipientAccountId} /> : 'Unknown' },
        { label: 'Event ID', value: <CopyId id={r.eventID} /> },
      ]}
    />
    <ExpandableSection headerText="The whole record" defaultExpanded><Command text={JSON.stringify(r, null, 2)} label="Copy the record" /></ExpandableSection>
  </SpaceBetween>
);
