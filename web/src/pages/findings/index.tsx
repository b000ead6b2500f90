import Box from '@cloudscape-design/components/box';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { Finding, FindingsView, Resource } from '../../api/types.ts';
import { findingFields, resourceTypeNames, severityNames, statusNames, typeNames, type SeverityName } from '../../filter/fields.ts';
import type { Text } from '../../filter/filter.ts';
import { CopyId, shortId } from '../../parts/Copy.tsx';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { Go } from '../../parts/Go.tsx';
import { vulnerabilityPath } from '../../parts/links.ts';
import { Page } from '../../parts/Page.tsx';
import { Severity, SeverityBar } from '../../parts/Severity.tsx';
import { count, named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { useChosen, useView, type Options } from '../../parts/view.ts';
import { Panel } from '../../shell/frame.tsx';

const options: Options = {
  name: 'findings',
  fields: findingFields,
  columns: ['severity', 'title', 'package', 'resource', 'resourceType', 'score', 'fix', 'firstSeen', 'status'],
  sort: { field: 'SEVERITY', descending: true },
  filters: { findingStatus: [{ comparison: 'EQUALS', value: 'ACTIVE' }] },
};

// name returns what a person calls a resource.
function name({ id, details }: Resource): string {
  const image = details?.awsEcrContainerImage;
  if (image) return image.repositoryName + (image.imageTags?.[0] ? `:${image.imageTags[0]}` : `@${image.imageHash.slice(7, 19)}`);
  return details?.awsLambdaFunction?.functionName ?? details?.codeRepository?.projectName ?? shortId(id);
}

const packages = (f: Finding) => f.packageVulnerabilityDetails?.vulnerablePackages ?? [];
const list = (values: string[]) => (values.length === 0 ? '–' : [...new Set(values)].join(', '));

const columns = (path: (arn: string) => string): Column<Finding>[] => [
  { id: 'severity', header: 'Severity', sort: 'SEVERITY', width: 130, cell: (f) => <Severity of={f.severity} /> },
  {
    id: 'title', header: 'Title', width: 320, rowHeader: true, always: true,
    cell: (f) => <Go to={path(f.findingArn)}>{f.title ?? f.findingArn}</Go>,
  },
  { id: 'vulnerability', header: 'Vulnerability ID', sort: 'VULNERABILITY_ID', width: 170, cell: (f) => f.packageVulnerabilityDetails ? <Go to={vulnerabilityPath(f.packageVulnerabilityDetails.vulnerabilityId)}>{f.packageVulnerabilityDetails.vulnerabilityId}</Go> : '–' },
  { id: 'package', header: 'Package', width: 170, cell: (f) => list(packages(f).map((p) => p.name)) },
  { id: 'version', header: 'Installed version', width: 150, cell: (f) => list(packages(f).map((p) => p.version)) },
  { id: 'fixed', header: 'Fixed in', width: 150, cell: (f) => list(packages(f).flatMap((p) => p.fixedInVersion ?? [])) },
  { id: 'resource', header: 'Resource', width: 230, cell: (f) => f.resources.map((r) => <CopyId key={r.id} id={r.id} show={name(r)} />) },
  { id: 'resourceType', header: 'Resource type', sort: 'RESOURCE_TYPE', width: 150, cell: (f) => list(f.resources.map((r) => named(r.type, resourceTypeNames))) },
  { id: 'type', header: 'Finding type', sort: 'FINDING_TYPE', width: 180, cell: (f) => named(f.type, typeNames) },
  { id: 'score', header: 'Score', sort: 'INSPECTOR_SCORE', width: 90, cell: (f) => <span className="numbers">{f.inspectorScore?.toFixed(1) ?? '–'}</span> },
  { id: 'epss', header: 'EPSS', sort: 'EPSS_SCORE', width: 90, cell: (f) => <span className="numbers">{f.epss?.score === undefined ? '–' : `${(f.epss.score * 100).toFixed(1)}%`}</span> },
  { id: 'fix', header: 'Fix available', width: 130, cell: (f) => (f.fixAvailable ? named(f.fixAvailable) : '–') },
  { id: 'exploit', header: 'Exploit available', width: 150, cell: (f) => (f.exploitAvailable ? named(f.exploitAvailable) : '–') },
  { id: 'firstSeen', header: 'First seen', sort: 'FIRST_OBSERVED_AT', width: 130, cell: (f) => <Time at={f.firstObservedAt} /> },
  { id: 'lastSeen', header: 'Last seen', sort: 'LAST_OBSERVED_AT', width: 130, cell: (f) => <Time at={f.lastObservedAt} /> },
  { id: 'updated', header: 'Updated', width: 130, cell: (f) => <Time at={f.updatedAt} /> },
  { id: 'status', header: 'Status', sort: 'FINDING_STATUS', width: 120, cell: (f) => named(f.status, statusNames) },
  { id: 'account', header: 'Account', sort: 'AWS_ACCOUNT_ID', width: 150, cell: (f) => <CopyId id={f.awsAccountId} /> },
];

export default function Findings() {
  const view = useView(options);
  const [chosen, choose, pathOf] = useChosen('finding');
  const query = useQuery({
    queryKey: ['findings', 'view', view.request],
    queryFn: ({ signal }) => call<FindingsView>('/assay/v1/findings/view', view.request, signal),
    placeholderData: keepPreviousData,
  });
  const { findings, counts, nextToken } = query.data ?? {};
  const shown = findings?.find((f) => f.findingArn === chosen);
  const narrowed = ((view.filters.severity ?? []) as Text[]).filter((f) => f.comparison === 'EQUALS').map((f) => f.value);
  const narrow = (severity: SeverityName) => {
    const { severity: _, ...others } = view.filters;
    const values = narrowed.includes(severity) ? narrowed.filter((s) => s !== severity) : [...narrowed, severity];
    view.setFilters(values.length === 0 ? others : { ...others, severity: values.map((value) => ({ comparison: 'EQUALS', value })) });
  };

  return (
    <Page title="Findings" description="Vulnerabilities found in what Assay watches.">
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
        between={counts && <SeverityBar counts={counts} chosen={narrowed} onChoose={narrow} />}
        nothing={{
          title: 'No findings',
          text: 'Nothing that has been scanned has a known vulnerability, or nothing has been scanned yet. Coverage tells which.',
          action: <Go to="/coverage">See what is covered</Go>,
        }}
      />
      {shown && <Panel header={shown.title ?? 'Finding'} onClose={() => choose(undefined)}><Facts of={shown} /></Panel>}
    </Page>
  );
}

const Facts = ({ of: f }: { of: Finding }) => (
  <SpaceBetween size="l">
    <Box>{f.description}</Box>
    <KeyValuePairs
      columns={3}
      items={[
        { label: 'Severity', value: severityNames[f.severity] },
        { label: 'Status', value: named(f.status, statusNames) },
        { label: 'First seen', value: <Time at={f.firstObservedAt} /> },
        { label: 'Resource', value: f.resources.map((r) => <CopyId key={r.id} id={r.id} />) },
        { label: 'Finding ARN', value: <CopyId id={f.findingArn} /> },
        { label: 'Remediation', value: f.remediation.recommendation?.text ?? '–' },
      ]}
    />
  </SpaceBetween>
);
