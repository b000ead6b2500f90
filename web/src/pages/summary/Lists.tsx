import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { Command, shortId } from '../../parts/Copy.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Go } from '../../parts/Go.tsx';
import { findingsPath, vulnerabilityPath } from '../../parts/links.ts';
import { Severity } from '../../parts/Severity.tsx';
import { count } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import type { Newest, Remediation, Summary, Top, TopName } from './types.ts';

const Number = ({ n, to }: { n: number; to?: string }) => <span className="numbers">{to && n > 0 ? <Go to={to}>{count(n)}</Go> : count(n)}</span>;

const ofPackage = ({ package: name }: Remediation) => ({ 'vulnerablePackages.name': name, fixAvailable: 'YES' });

const remediationColumns: TableProps.ColumnDefinition<Remediation>[] = [
  {
    id: 'package', header: 'Upgrade', isRowHeader: true, minWidth: 200,
    cell: (r) => <><span className="break">{r.package}</span><Box fontSize="body-s" color="text-body-secondary">{r.upgradeTo ? `to ${r.upgradeTo}` : 'no fixed version is known'}, {r.type}</Box></>,
  },
  { id: 'command', header: 'Command', minWidth: 300, cell: (r) => (r.command ? <Command text={r.command} label={`Copy the command that upgrades ${r.package}`} /> : '–') },
  { id: 'critical', header: 'Critical closed', minWidth: 100, cell: (r) => <Number n={r.critical} to={findingsPath({ ...ofPackage(r), severity: 'CRITICAL' })} /> },
  { id: 'findings', header: 'All closed', minWidth: 90, cell: (r) => <Number n={r.findings} to={findingsPath(ofPackage(r))} /> },
  { id: 'resources', header: 'Resources', minWidth: 100, cell: (r) => <span className="numbers">{count(r.resources)}{r.more && '+'}</span> },
];

// Remediations are the upgrades that close most.
export const Remediations = ({ of }: { of: Remediation[] }) => (
  <Table
    items={of}
    trackBy={(r) => `${r.type} ${r.package} ${r.upgradeTo}`}
    columnDefinitions={remediationColumns}
    wrapLines
    ariaLabels={{ tableLabel: 'What to do first' }}
    header={<Header variant="h2" description="The upgrades that close the most critical findings on the most resources.">What to do first</Header>}
    empty={<Empty title="Nothing to upgrade" text="No finding that is active has a version in which it is fixed." />}
  />
);

const newestColumns: TableProps.ColumnDefinition<Newest>[] = [
  { id: 'id', header: 'Advisory', isRowHeader: true, minWidth: 170, cell: (n) => <Go to={vulnerabilityPath(n.vulnerabilityId)}>{n.vulnerabilityId}</Go> },
  { id: 'severity', header: 'Severity', minWidth: 120, cell: (n) => <Severity of={n.severity} /> },
  { id: 'title', header: 'Title', minWidth: 260, cell: (n) => <span className="break">{n.title || '–'}</span> },
  { id: 'published', header: 'Published', minWidth: 120, cell: (n) => <Time at={n.published} /> },
  { id: 'resources', header: 'Resources hit', minWidth: 110, cell: (n) => <Number n={n.resources} to={findingsPath({ vulnerabilityId: n.vulnerabilityId })} /> },
];

// Latest are the newest advisories that hit something.
export const Latest = ({ of }: { of: Newest[] }) => (
  <Table
    items={of}
    trackBy="vulnerabilityId"
    columnDefinitions={newestColumns}
    wrapLines
    ariaLabels={{ tableLabel: 'Newest advisories' }}
    header={<Header variant="h2" description="Published last, of those that hit what is watched.">Newest advisories</Header>}
    empty={<Empty title="No advisory hits what is watched" text="With the next one that does, findings open by themselves." />}
  />
);

const tops: { name: TopName; title: string; one: string; to: (row: Top) => Record<string, string> }[] = [
  { name: 'hosts', title: 'Hosts', one: 'Host', to: ({ id }) => ({ resourceId: id }) },
  { name: 'images', title: 'Container images', one: 'Image', to: ({ id }) => ({ resourceId: id }) },
  { name: 'repositories', title: 'Image repositories', one: 'Repository', to: ({ id, name }) => ({ ecrImageRepositoryName: name || id }) },
  { name: 'functions', title: 'Functions', one: 'Function', to: ({ id }) => ({ resourceId: id }) },
  { name: 'accounts', title: 'Accounts', one: 'Account', to: ({ id }) => ({ awsAccountId: id }) },
];

const topColumns = (one: string, to: (row: Top) => Record<string, string>): TableProps.ColumnDefinition<Top>[] => [
  { id: 'name', header: one, isRowHeader: true, minWidth: 110, cell: (row) => <span className="break"><Go to={findingsPath(to(row))}>{row.name || shortId(row.id)}</Go></span> },
  { id: 'critical', header: 'Critical', cell: (row) => <Number n={row.critical} to={findingsPath({ ...to(row), severity: 'CRITICAL' })} /> },
  { id: 'high', header: 'High', cell: (row) => <Number n={row.high} to={findingsPath({ ...to(row), severity: 'HIGH' })} /> },
  { id: 'total', header: 'All', cell: (row) => <Number n={row.total} /> },
];

// MostHit are the resources with most critical findings, five of each type.
// Types of which none has a finding are left out, and a single account too.
export function MostHit({ top, accounts }: Pick<Summary, 'top' | 'accounts'>) {
  const shown = tops.filter(({ name }) => (top[name]?.length ?? 0) > 0 && (name !== 'accounts' || accounts.total > 1));
  if (shown.length === 0) return null;
  return (
    <div className="summary-tops">
      {shown.map(({ name, title, one, to }) => (
        <Table
          key={name}
          items={top[name]!}
          trackBy="id"
          columnDefinitions={topColumns(one, to)}
          wrapLines
          contentDensity="compact"
          ariaLabels={{ tableLabel: `${title} with most critical findings` }}
          header={<Header variant="h2" description="The five with most critical findings.">{title}</Header>}
        />
      ))}
    </div>
  );
}
