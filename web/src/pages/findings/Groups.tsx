import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../../api/client.ts';
import { useSession } from '../../api/session.ts';
import { findingFields } from '../../filter/fields.ts';
import { toParams } from '../../filter/filter.ts';
import { CopyId, shortId } from '../../parts/Copy.tsx';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { Go } from '../../parts/Go.tsx';
import { vulnerabilityPath } from '../../parts/links.ts';
import { count, named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { useView, type Options } from '../../parts/view.ts';
import { options as all } from './All.tsx';
import { ask, groups, rowFilters, type Group, type Row } from './groups.ts';
import { platformOf } from './words.ts';

// Options of each, once: a view asks for the same ones at each call.
const options = new Map(groups.map((group): [string, Options] => [group.id, {
  name: `findings.${group.id}`, fields: all.fields, filters: all.filters, columns: group.columns, sort: { field: 'CRITICAL', descending: true },
}]));

const nameOf = (group: Group, r: Row): string => {
  switch (group.id) {
    case 'vulnerability':
      return r.title ?? '';
    case 'host':
      return r.instanceTags?.Name || shortId(r.instanceId ?? '');
    case 'image':
      return r.repository ? `${r.repository}${r.imageTags?.[0] ? `:${r.imageTags[0]}` : `@${(r.imageSha ?? '').slice(7, 19)}`}` : shortId(r.resourceId ?? '');
    case 'repository':
      return r.repository ?? '';
    case 'function':
      return r.functionName || shortId(r.resourceId ?? '');
    case 'code':
      return r.projectNames || shortId(r.resourceId ?? '');
    default:
      return r.accountId ?? '';
  }
};

const list = (values: string[] | undefined) => (values?.length ? values.join(', ') : '–');

// columnsOf returns the columns of a group; path gives the address of the
// findings that a row counts.
function columnsOf(group: Group, path: (row: Row, severity?: string) => string): Column<Row>[] {
  const number = (n: number | undefined) => <span className="numbers">{n === undefined ? '–' : count(n)}</span>;
  const severe = (id: 'critical' | 'high' | 'medium', header: string, sort?: string): Column<Row> => ({
    id, header, sort, width: 110,
    cell: (r) => {
      const n = r.severityCounts?.[id] ?? 0;
      return n === 0 ? number(0) : <Go to={path(r, id.toUpperCase())} ariaLabel={`${count(n)} ${id}: ${nameOf(group, r)}`}>{number(n)}</Go>;
    },
  });
  const only = (ids: string[], ...columns: Column<Row>[]) => (ids.includes(group.id) ? columns : []);
  return [
    {
      id: 'name', header: { vulnerability: 'Title', host: 'Host', image: 'Image', repository: 'Repository', function: 'Function', code: 'Code repository', account: 'Account' }[group.id] ?? group.text,
      width: group.id === 'vulnerability' ? 360 : 300, rowHeader: true, always: true,
      cell: (r) => <Go to={path(r)}>{nameOf(group, r)}</Go>,
    },
    ...only(['vulnerability'], {
      id: 'vulnerability', header: 'Vulnerability ID', width: 180,
      cell: (r) => (r.vulnerabilityId ? <Go to={vulnerabilityPath(r.vulnerabilityId)} ariaLabel={`What is known of ${r.vulnerabilityId}`}>{r.vulnerabilityId}</Go> : '–'),
    }),
    ...only(['host'], { id: 'system', header: 'Operating system', width: 170, cell: (r) => platformOf(r.operatingSystem) ?? '–' }, { id: 'ami', header: 'Machine image', width: 190, cell: (r) => (r.ami ? <CopyId id={r.ami} /> : '–') }),
    ...only(['image'],
      { id: 'tags', header: 'Image tags', width: 160, cell: (r) => list(r.imageTags) },
      { id: 'architecture', header: 'Architecture', width: 130, cell: (r) => r.architecture ?? '–' },
      { id: 'uses', header: 'In use by', width: 110, cell: (r) => number(r.inUseCount) },
      { id: 'used', header: 'Last in use', width: 130, cell: (r) => <Time at={r.lastInUseAt} /> },
    ),
    ...only(['repository'], { id: 'images', header: 'Images with findings', sort: 'AFFECTED_IMAGES', width: 190, cell: (r) => number(r.affectedImages) }),
    ...only(['function'],
      { id: 'runtime', header: 'Runtime', width: 150, cell: (r) => r.runtime ?? '–' },
      { id: 'modified', header: 'Modified', width: 130, cell: (r) => <Time at={r.lastModifiedAt} /> },
    ),
    ...only(['code'], { id: 'provider', header: 'Code host', width: 150, cell: (r) => (r.providerType ? named(r.providerType) : '–') }),
    severe('critical', 'Critical', 'CRITICAL'),
    severe('high', 'High', 'HIGH'),
    severe('medium', 'Medium'),
    { id: 'all', header: 'All', sort: 'ALL', width: 110, cell: (r) => number(r.severityCounts?.all) },
    ...only(['account', 'code'],
      { id: 'fixable', header: 'Fix available', width: 140, cell: (r) => number(r.fixAvailableCount ?? r.fixAvailableActiveFindingsCount) },
      { id: 'exploitable', header: 'Exploit available', width: 150, cell: (r) => number(r.exploitAvailableCount ?? r.exploitAvailableActiveFindingsCount) },
    ),
    ...only(['host'], { id: 'network', header: 'Open paths', sort: 'NETWORK_FINDINGS', width: 130, cell: (r) => number(r.networkFindings) }),
    ...only(['host', 'image', 'function', 'code'], { id: 'id', header: 'Resource ID', width: 300, cell: (r) => <CopyId id={r.instanceId ?? r.resourceId ?? ''} /> }),
    ...only(groups.map((g) => g.id).filter((id) => id !== 'account'), { id: 'account', header: 'Account', width: 150, cell: (r) => (r.accountId ? <CopyId id={r.accountId} /> : '–') }),
  ];
}

// Groups counts findings by what they have in common; a row leads to them.
export function Groups({ group }: { group: Group }) {
  const session = useSession().data;
  const view = useView(options.get(group.id)!);
  const { sortCriteria, maxResults, nextToken } = view.request;
  const { filters } = view;
  // The clock is read when the filter changes, as in the view.
  const asked = useMemo(() => ask(group, filters, new Date()), [group, filters]);
  const body = {
    ...asked.request,
    aggregationRequest: { [group.member]: { ...(asked.request.aggregationRequest as Record<string, object>)[group.member], sortBy: sortCriteria?.field ?? 'CRITICAL', sortOrder: sortCriteria?.sortOrder ?? 'DESC' } },
    maxResults, ...(nextToken && { nextToken }),
  };
  const query = useQuery({
    queryKey: ['findings', 'groups', body],
    queryFn: ({ signal }) => call<{ responses?: Record<string, Row>[]; nextToken?: string }>('/findings/aggregation/list', body, signal),
    placeholderData: keepPreviousData,
  });
  const rows = query.data && (query.data.responses ?? []).flatMap((r) => r[group.member] ?? []);
  const path = (row: Row, severity?: string) =>
    `/findings?${toParams(rowFilters(group, row, filters, row.accountId !== session?.account || session?.delegatedAdministrator === session?.account, severity), findingFields)}`;
  const missed = findingFields.filter((f) => asked.missed.includes(f.name));
  const without = () => view.setFilters(Object.fromEntries(Object.entries(filters).filter(([name]) => !asked.missed.includes(name))));
  const last = !query.data?.nextToken && view.page === 1;

  return (
    <DataTable<Row>
      view={view}
      title={group.title}
      id={(r) => `${r.accountId} ${r.title ?? r.instanceId ?? r.resourceId ?? r.repository ?? ''}`}
      columns={columnsOf(group, path)}
      query={query}
      rows={rows}
      nextToken={query.isPlaceholderData ? undefined : query.data?.nextToken}
      counter={rows && last ? `(${count(rows.length)})` : undefined}
      description="With how many active findings each has."
      placeholder="Filter findings by severity, package, resource and more"
      between={
        missed.length > 0 && (
          <Alert type="info" action={<Button onClick={without}>Take {missed.length === 1 ? 'it' : 'them'} out</Button>}>
            Groups do not take into account: {missed.map((f) => f.label).join(', ')}. {asked.missed.includes('findingStatus') && 'They count active findings only. '}
            What a row leads to is filtered by {missed.length === 1 ? 'it' : 'them'} all the same.
          </Alert>
        )
      }
      nothing={{
        title: `No ${group.title.toLowerCase()} with findings`,
        text: 'Nothing of this kind has an active finding.',
        action: <Go to="/coverage">See what is covered</Go>,
      }}
    />
  );
}
