import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { Finding, FindingsView } from '../../api/types.ts';
import { findingFields, statusNames, type SeverityName } from '../../filter/fields.ts';
import type { Text } from '../../filter/filter.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Go } from '../../parts/Go.tsx';
import { SeverityBar } from '../../parts/Severity.tsx';
import { count } from '../../parts/text.ts';
import { useChosen, useView, type Options } from '../../parts/view.ts';
import { Beside } from './Beside.tsx';
import { columns } from './columns.tsx';
import './findings.css';

export const options: Options = {
  name: 'findings',
  fields: findingFields,
  columns: ['severity', 'title', 'package', 'resource', 'resourceType', 'score', 'fix', 'firstSeen', 'status'],
  sort: { field: 'SEVERITY', descending: true },
  filters: { findingStatus: [{ comparison: 'EQUALS', value: 'ACTIVE' }] },
};

const equal = (value: string): Text => ({ comparison: 'EQUALS', value });
const equals = (filters: unknown[] = []) => (filters as Text[]).filter((f) => f.comparison === 'EQUALS').map((f) => f.value);

// All is the list of findings, one a row.
export function All() {
  const view = useView(options);
  const [chosen, choose, pathOf] = useChosen('finding');
  const query = useQuery({
    queryKey: ['findings', 'view', view.request],
    queryFn: ({ signal }) => call<FindingsView>('/assay/v1/findings/view', view.request, signal),
    placeholderData: keepPreviousData,
  });
  const { findings, counts, nextToken } = query.data ?? {};

  const { severity, findingStatus, ...others } = view.filters;
  const narrowed = equals(severity);
  const narrow = (name: SeverityName) => {
    const values = narrowed.includes(name) ? narrowed.filter((s) => s !== name) : [...narrowed, name];
    view.setFilters({ ...others, ...(findingStatus && { findingStatus }), ...(values.length > 0 && { severity: values.map(equal) }) });
  };
  const statuses = equals(findingStatus);
  const status = !findingStatus ? 'ALL' : findingStatus.length === 1 && statuses.length === 1 ? statuses[0]! : null;
  const setStatus = (id: string) => view.setFilters({ ...others, ...(severity && { severity }), ...(id !== 'ALL' && { findingStatus: [equal(id)] }) });

  return (
    <>
      <DataTable<Finding>
        view={view}
        title="Findings"
        id={(f) => f.findingArn}
        columns={columns(pathOf)}
        query={query}
        rows={findings}
        nextToken={query.isPlaceholderData ? undefined : nextToken}
        counter={counts && `(${count(counts.total)}${counts.more ? '+' : ''})`}
        placeholder="Filter findings by severity, package, resource and more"
        open={chosen}
        between={
          <div className="finding-status">
            <SegmentedControl
              label="Status"
              selectedId={status}
              options={[...Object.entries(statusNames), ['ALL', 'All']].map(([id, text]) => ({ id: id!, text }))}
              onChange={({ detail }) => setStatus(detail.selectedId)}
            />
            <div className="bar">{counts && <SeverityBar counts={counts} chosen={narrowed} onChoose={narrow} />}</div>
          </div>
        }
        nothing={{
          title: 'No findings',
          text: 'Nothing that has been scanned has a known vulnerability, or nothing has been scanned yet. Coverage tells which.',
          action: <Go to="/coverage">See what is covered</Go>,
        }}
      />
      {chosen && <Beside arn={chosen} known={findings?.find((f) => f.findingArn === chosen)} onClose={() => choose(undefined)} />}
    </>
  );
}
