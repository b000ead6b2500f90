import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { call } from '../../api/client.ts';
import { may, useSession } from '../../api/session.ts';
import type { Finding, FindingsView } from '../../api/types.ts';
import { findingFields, statusNames, type SeverityName } from '../../filter/fields.ts';
import type { Text } from '../../filter/filter.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Go } from '../../parts/Go.tsx';
import { SeverityBar } from '../../parts/Severity.tsx';
import { count } from '../../parts/text.ts';
import { useChosen, useView, type Options } from '../../parts/view.ts';
import { Actions } from './Actions.tsx';
import { Beside } from './Beside.tsx';
import { columns } from './columns.tsx';
import './findings.css';
import { Suppress } from './Suppress.tsx';
import { Views } from './Views.tsx';

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
  const session = useSession().data;
  const view = useView(options);
  const [marked, mark] = useState<Finding[]>([]);
  const [suppressing, suppress] = useState<Finding[]>();
  const [chosen, , pathOf] = useChosen('finding');
  const [, setParams] = useSearchParams();
  const close = () =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      for (const name of ['finding', 'show']) after.delete(name);
      return after;
    });
  const query = useQuery({
    queryKey: ['findings', 'view', view.request],
    queryFn: ({ signal }) => call<FindingsView>('/assay/v1/findings/view', view.request, signal),
    placeholderData: keepPreviousData,
  });
  const { findings, counts, nextToken } = query.data ?? {};

  const selected = marked.filter((m) => findings?.some((f) => f.findingArn === m.findingArn));
  const shown = findings?.find((f) => f.findingArn === chosen);
  const suppresses = may(session, 'inspector2:CreateFilter');
  const selects = suppresses || may(session, 'inspector2:CreateFindingsReport');

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
        selected={selected}
        onSelect={selects ? mark : undefined}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Views filters={view.filters} />
            <Actions filters={view.filters} selected={selected} onSuppress={() => suppress(selected)} />
          </SpaceBetween>
        }
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
      {chosen && (
        <Beside
          arn={chosen}
          known={shown}
          onClose={close}
          actions={(finding) => suppresses && finding.status === 'ACTIVE' && <Button onClick={() => suppress([finding])}>Suppress…</Button>}
        />
      )}
      {suppressing && (
        <Suppress
          findings={suppressing}
          onDone={(done) => {
            suppress(undefined);
            if (done) mark([]);
          }}
        />
      )}
    </>
  );
}
