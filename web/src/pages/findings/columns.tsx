import type { Finding } from '../../api/types.ts';
import { resourceTypeNames, typeNames } from '../../filter/fields.ts';
import { CopyId } from '../../parts/Copy.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { Go } from '../../parts/Go.tsx';
import { vulnerabilityPath } from '../../parts/links.ts';
import { Severity } from '../../parts/Severity.tsx';
import { named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { Status } from './Overview.tsx';
import { fixOf, nameOf, packagesOf, titleOf, versionOf } from './words.ts';

const list = (values: string[]) => (values.length === 0 ? '–' : [...new Set(values)].join(', '));

// columns returns the columns of the list; path gives the address that shows a
// finding beside it.
export const columns = (path: (arn: string) => string): Column<Finding>[] => [
  { id: 'severity', header: 'Severity', sort: 'SEVERITY', width: 130, cell: (f) => <Severity of={f.severity} /> },
  {
    id: 'title', header: 'Title', width: 320, rowHeader: true, always: true,
    cell: (f) => <Go to={path(f.findingArn)} data-finding={f.findingArn}>{titleOf(f)}</Go>,
  },
  { id: 'vulnerability', header: 'Vulnerability ID', sort: 'VULNERABILITY_ID', width: 170, cell: (f) => f.packageVulnerabilityDetails ? <Go to={vulnerabilityPath(f.packageVulnerabilityDetails.vulnerabilityId)}>{f.packageVulnerabilityDetails.vulnerabilityId}</Go> : '–' },
  { id: 'package', header: 'Package', width: 170, cell: (f) => list(packagesOf(f).map((p) => p.name)) },
  { id: 'version', header: 'Installed version', width: 150, cell: (f) => list(packagesOf(f).map(versionOf)) },
  { id: 'fixed', header: 'Fixed in', width: 150, cell: (f) => list(packagesOf(f).flatMap((p) => fixOf(p) ?? [])) },
  { id: 'resource', header: 'Resource', width: 230, cell: (f) => f.resources.map((r) => <CopyId key={r.id} id={r.id} show={nameOf(r)} />) },
  { id: 'resourceType', header: 'Resource type', sort: 'RESOURCE_TYPE', width: 150, cell: (f) => list(f.resources.map((r) => named(r.type, resourceTypeNames))) },
  { id: 'type', header: 'Finding type', sort: 'FINDING_TYPE', width: 180, cell: (f) => named(f.type, typeNames) },
  { id: 'score', header: 'Score', sort: 'INSPECTOR_SCORE', width: 90, cell: (f) => <span className="numbers">{f.inspectorScore?.toFixed(1) ?? '–'}</span> },
  { id: 'epss', header: 'EPSS', sort: 'EPSS_SCORE', width: 90, cell: (f) => <span className="numbers">{f.epss?.score === undefined ? '–' : `${(f.epss.score * 100).toFixed(1)}%`}</span> },
  { id: 'fix', header: 'Fix available', width: 130, cell: (f) => (f.fixAvailable ? named(f.fixAvailable) : '–') },
  { id: 'exploit', header: 'Exploit available', width: 150, cell: (f) => (f.exploitAvailable ? named(f.exploitAvailable) : '–') },
  { id: 'firstSeen', header: 'First seen', sort: 'FIRST_OBSERVED_AT', width: 130, cell: (f) => <Time at={f.firstObservedAt} /> },
  { id: 'lastSeen', header: 'Last seen', sort: 'LAST_OBSERVED_AT', width: 130, cell: (f) => <Time at={f.lastObservedAt} /> },
  { id: 'updated', header: 'Updated', width: 130, cell: (f) => <Time at={f.updatedAt} /> },
  { id: 'status', header: 'Status', sort: 'FINDING_STATUS', width: 130, cell: (f) => <Status of={f.status} /> },
  { id: 'account', header: 'Account', sort: 'AWS_ACCOUNT_ID', width: 150, cell: (f) => <CopyId id={f.awsAccountId} /> },
];
