import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { call, get } from '../../api/client.ts';
import { may, useSession } from '../../api/session.ts';
import { findingFields } from '../../filter/fields.ts';
import { fromCriteria, type Criteria } from '../../filter/filter.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { count, named, plural } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { words } from '../rules/types.ts';
import { bytes, formatNames, kindNames, local, own, resourceFields, type Report } from './types.ts';

// Details is one export: what was asked for, how far it is, and its files.
export function Details({ of: r }: { of: Report }) {
  const session = useSession().data;
  const findings = r.kind === 'findings-report';
  const asked = useQuery({
    queryKey: ['reports', r.id, 'asked'],
    queryFn: ({ signal }) => call<{ filterCriteria?: Criteria }>(findings ? '/reporting/status/get' : '/sbomexport/get', { reportId: r.id }, signal),
    staleTime: Infinity,
  });
  const fields = findings ? findingFields : resourceFields;
  const conditions = asked.data && words(fromCriteria(asked.data.filterCriteria ?? {}, fields), fields);
  return (
    <SpaceBetween size="l">
      {r.status === 'FAILED' && <Alert type="error" header="It failed">{r.errorMessage || (r.errorCode && named(r.errorCode))}</Alert>}
      {r.skipped > 0 && <Alert type="warning">{plural(r.skipped, 'resource')} had no list of packages, and {r.skipped === 1 ? 'is' : 'are'} not in it.</Alert>}
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Kind', value: kindNames[r.kind] },
          { label: 'Format', value: formatNames[r.format] ?? r.format },
          { label: 'Filter', value: asked.isPending ? <Spinner /> : conditions?.length ? conditions.map((text) => <div key={text} className="break">{text}</div>) : findings ? 'All active findings' : 'All resources' },
          { label: 'Written', value: <span className="numbers">{count(r.done)}</span> },
          { label: 'Ordered', value: <Time at={r.ordered} /> },
          { label: 'Ended', value: <Time at={r.ended} /> },
          { label: 'Kept in', value: r.bucket === own ? 'Assay' : <CopyId id={r.bucket} /> },
          { label: 'Report ID', value: <CopyId id={r.id} /> },
        ]}
      />
      {r.status === 'SUCCEEDED' && r.bucket === own && may(session, 'assay:GetReport') && <Files of={r} />}
    </SpaceBetween>
  );
}

function Files({ of }: { of: Report }) {
  const query = useInfiniteQuery({
    queryKey: ['reports', of.id, 'files'],
    queryFn: ({ pageParam, signal }) => get<Report>(`/assay/v1/reports/${of.id}${pageParam ? `?next=${encodeURIComponent(pageParam)}` : ''}`, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    staleTime: 30 * 60_000, // a link holds for an hour
    refetchInterval: 30 * 60_000,
  });
  if (query.error) return <Problem error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Spinner />;
  const objects = query.data.pages.flatMap((p) => p.objects);
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
