import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import { may, useSession } from '../../api/session.ts';
import { findingFields } from '../../filter/fields.ts';
import { fromCriteria, type Criteria } from '../../filter/filter.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { count, named, plural } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { words } from '../rules/types.ts';
import { bytes, formatNames, kindNames, local, own, resourceFields, type Report } from './types.ts';

// The answer to GET views/exports/ID, as far as the caller may ask for it.
interface View {
  report?: Report;
  order?: { filterCriteria?: Criteria };
}

// Details is one export: what was asked for, how far it is, and its files.
export function Details({ of: r }: { of: Report }) {
  const session = useSession().data;
  const findings = r.kind === 'findings-report';
  // What was ordered comes with the first page of files; others have files alone.
  const query = useInfiniteQuery({
    queryKey: ['reports', r.id, r.status],
    queryFn: async ({ pageParam, signal }): Promise<View> =>
      pageParam === '' ? get<View>(`/assay/v1/views/exports/${r.id}`, signal) : { report: await get<Report>(`/assay/v1/reports/${r.id}?next=${encodeURIComponent(pageParam)}`, signal) },
    initialPageParam: '',
    getNextPageParam: (last) => last.report?.next,
    staleTime: 30 * 60_000, // a link holds for an hour
    refetchInterval: 30 * 60_000,
  });
  const order = query.data?.pages[0]?.order;
  const fields = findings ? findingFields : resourceFields;
  const conditions = order && words(fromCriteria(order.filterCriteria ?? {}, fields), fields);
  return (
    <SpaceBetween size="l">
      {r.status === 'FAILED' && <Alert type="error" header="It failed">{r.errorMessage || (r.errorCode && named(r.errorCode))}</Alert>}
      {r.skipped > 0 && <Alert type="warning">{plural(r.skipped, 'resource')} had no list of packages, and {r.skipped === 1 ? 'is' : 'are'} not in it.</Alert>}
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Kind', value: kindNames[r.kind] },
          { label: 'Format', value: formatNames[r.format] ?? r.format },
          { label: 'Filter', value: query.isPending ? <Spinner /> : !conditions ? '–' : conditions.length > 0 ? conditions.map((text) => <div key={text} className="break">{text}</div>) : findings ? 'All active findings' : 'All resources' },
          { label: 'Written', value: <span className="numbers">{count(r.done)}</span> },
          { label: 'Ordered', value: <Time at={r.ordered} /> },
          { label: 'Ended', value: <Time at={r.ended} /> },
          { label: 'Kept in', value: r.bucket === own ? 'Assay' : <CopyId id={r.bucket} /> },
          { label: 'Report ID', value: <CopyId id={r.id} /> },
        ]}
      />
      {r.status === 'SUCCEEDED' && r.bucket === own && may(session, 'assay:GetReport') && <Files query={query} />}
    </SpaceBetween>
  );
}

function Files({ query }: { query: UseInfiniteQueryResult<InfiniteData<View>> }) {
  if (query.error) return <Problem error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Spinner />;
  const objects = query.data.pages.flatMap((p) => p.report?.objects ?? []);
  if (objects.length === 0) return <Box>It has no files, or they are no longer kept.</Box>;
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">Files</Box>
      <ul className="break" style={{ margin: 0, paddingInlineStart: 20 }}>
        {objects.map((o) => (
          <li key={o.key}>
            <Link href={local(o.url)} target="_self">{o.key.slice(o.key.lastIndexOf('/') + 1)}</Link> <span className="numbers">{bytes(o.size)}</span>
          </li>
        ))}
      </ul>
      <Box color="text-body-secondary" fontSize="body-s">A link works for an hour, for whoever has it. This list makes new ones.</Box>
      {query.hasNextPage && <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Show more</Button>}
    </SpaceBetween>
  );
}
