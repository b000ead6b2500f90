import Box from '@cloudscape-design/components/box';
import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';
import type { Finding, Resource, VulnerablePackage } from '../../api/types.ts';
import { resourceTypeNames, statusNames, typeNames } from '../../filter/fields.ts';
import { Command, CopyId } from '../../parts/Copy.tsx';
import { Go, Out } from '../../parts/Go.tsx';
import { findingsPath, vulnerabilityPath } from '../../parts/links.ts';
import { Severity } from '../../parts/Severity.tsx';
import { count, named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { Heading } from './Heading.tsx';
import { fixOf, managers, nameOf, packagesOf, platformOf, versionOf } from './words.ts';

type Items = KeyValuePairsProps.Item[];

const statusTypes: Record<string, StatusIndicatorProps.Type> = { ACTIVE: 'warning', SUPPRESSED: 'stopped', CLOSED: 'success' };

export const Status = ({ of }: { of: string }) => <StatusIndicator type={statusTypes[of] ?? 'info'}>{named(of, statusNames)}</StatusIndicator>;

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <SpaceBetween size="xs">
    <Heading>{title}</Heading>
    {children}
  </SpaceBetween>
);

// Overview is what a person has to know: what it is, where, and what to do.
export function Overview({ of: f }: { of: Finding }) {
  const v = f.packageVulnerabilityDetails;
  const advice = f.remediation.recommendation;
  const packages = packagesOf(f);
  const told = !advice?.text || advice.text === 'None Provided' || packages.some((p) => p.remediation === advice.text);
  const related = (v?.relatedVulnerabilities ?? []).filter((id) => id !== v?.vulnerabilityId);
  const references = [...new Set([v?.sourceUrl, ...(v?.referenceUrls ?? []), ...(f.codeVulnerabilityDetails?.referenceUrls ?? [])].flatMap((u) => u ?? []))];
  const items: Items = [
    { label: 'Severity', value: <Severity of={f.severity} /> },
    { label: 'Status', value: <Status of={f.status} /> },
    { label: 'Fix available', value: f.fixAvailable ? named(f.fixAvailable) : '–' },
    { label: 'First seen', value: <Time at={f.firstObservedAt} /> },
    { label: 'Last seen', value: <Time at={f.lastObservedAt} /> },
    // A finding that is closed or suppressed is not updated after that.
    { label: f.status === 'CLOSED' ? 'Closed' : f.status === 'SUPPRESSED' ? 'Suppressed' : 'Updated', value: <Time at={f.updatedAt} /> },
    ...(v ? [{ label: 'Vulnerability', value: <Go to={vulnerabilityPath(v.vulnerabilityId)}>{v.vulnerabilityId}</Go> }] : [{ label: 'Finding type', value: named(f.type, typeNames) }]),
    ...(related.length > 0 ? [{ label: 'Related vulnerabilities', value: related.map((id) => <div key={id} className="finding-line"><Go to={vulnerabilityPath(id)}>{id}</Go></div>) }] : []),
    { label: 'Account', value: <CopyId id={f.awsAccountId} /> },
    { label: 'Finding ARN', value: <span className="break"><CopyId id={f.findingArn} show={`${f.findingArn.slice(-32, -20)}…`} /></span> },
  ];
  return (
    <SpaceBetween size="l">
      <Box><span className="break">{f.description}</span></Box>
      <KeyValuePairs columns={3} minColumnWidth={150} items={items} />
      {packages.length > 0 && <Packages of={packages} />}
      {!told && (
        <Part title="What to do">
          <Box>{advice?.text}</Box>
          {advice?.Url && <Out href={advice.Url} />}
        </Part>
      )}
      {f.networkReachabilityDetails && <Network of={f.networkReachabilityDetails} />}
      {f.codeVulnerabilityDetails && <Code of={f.codeVulnerabilityDetails} />}
      {f.resources.map((r) => <ResourceFacts key={r.id} of={r} />)}
      {references.length > 0 && (
        <Part title="References">
          <ul className="finding-list">{references.map((url) => <li key={url}><Out href={url} /></li>)}</ul>
        </Part>
      )}
    </SpaceBetween>
  );
}

const Packages = ({ of }: { of: VulnerablePackage[] }) => (
  <Table<VulnerablePackage>
    variant="embedded"
    items={of}
    trackBy={(p) => JSON.stringify(p)}
    wrapLines
    ariaLabels={{ tableLabel: 'Affected packages' }}
    header={<Heading counter={of.length > 1 ? `(${count(of.length)})` : undefined}>Affected packages</Heading>}
    columnDefinitions={[
      { id: 'name', header: 'Package', minWidth: 130, isRowHeader: true, cell: (p) => <span className="break">{p.name}</span> },
      { id: 'version', header: 'Installed', minWidth: 120, cell: (p) => <span className="break">{versionOf(p)}</span> },
      { id: 'fixed', header: 'Fixed in', minWidth: 120, cell: (p) => <span className="break">{fixOf(p) ?? 'No fix yet'}</span> },
      { id: 'remedy', header: 'To upgrade', minWidth: 260, cell: (p) => (p.remediation && p.remediation !== 'None Provided' ? <Command text={p.remediation} label="Copy the command" /> : '–') },
      { id: 'manager', header: 'Managed by', minWidth: 120, cell: (p) => (p.packageManager ? named(p.packageManager, managers) : '–') },
      {
        id: 'place', header: 'File or layer', minWidth: 170,
        cell: (p) => (
          <span className="break">
            {p.filePath && <div><CopyId id={p.filePath} /></div>}
            {p.sourceLayerHash && <div>Layer <CopyId id={p.sourceLayerHash} show={p.sourceLayerHash.replace(/^sha256:/, '').slice(0, 12)} /></div>}
            {p.sourceLambdaLayerArn && <div>Layer <CopyId id={p.sourceLambdaLayerArn} /></div>}
            {!p.filePath && !p.sourceLayerHash && !p.sourceLambdaLayerArn && '–'}
          </span>
        ),
      },
    ]}
  />
);

const list = (values: string[] | undefined) => (values?.length ? values.join(', ') : undefined);

// factsOf returns what is known of a resource of each type.
function factsOf({ details = {} }: Resource): [string, ReactNode][] {
  const { awsEcrContainerImage: i, awsEc2Instance: h, awsLambdaFunction: l, codeRepository: c } = details;
  const id = (value: string | undefined, show?: string) => value && <CopyId id={value} show={show} />;
  if (i) {
    return [
      ['Repository', id(i.repositoryName)], ['Image tags', list(i.imageTags)], ['Digest', id(i.imageHash, i.imageHash.replace(/^sha256:/, '').slice(0, 12))], ['Registry', id(i.registry)],
      ['Operating system', platformOf(i.platform)], ['Architecture', i.architecture], ['Pushed', i.pushedAt && <Time at={i.pushedAt} />],
      ['In use by', i.inUseCount ? count(i.inUseCount) : undefined], ['Last in use', i.lastInUseAt && <Time at={i.lastInUseAt} />],
    ];
  }
  if (h) {
    return [
      ['Operating system', platformOf(h.platform)], ['Kind of machine', h.type], ['Machine image', id(h.imageId)], ['VPC', id(h.vpcId)], ['Subnet', id(h.subnetId)],
      ['Started', h.launchedAt && <Time at={h.launchedAt} />], ['Addresses', list([...(h.ipV4Addresses ?? []), ...(h.ipV6Addresses ?? [])])],
    ];
  }
  if (l) {
    return [
      ['Runtime', l.runtime], ['Version', l.version], ['Role', id(l.executionRoleArn)], ['Modified', l.lastModifiedAt && <Time at={l.lastModifiedAt} />], ['Layers', list(l.layers)],
    ];
  }
  return c ? [['Project', c.projectName], ['Code host', c.providerType && named(c.providerType)]] : [];
}

function ResourceFacts({ of: r }: { of: Resource }) {
  const tags = Object.entries(r.tags ?? {});
  const items: Items = [
    { label: 'Name', value: <span className="break">{nameOf(r)}</span> },
    { label: 'Type', value: named(r.type, resourceTypeNames) },
    { label: 'Region', value: r.region ?? '–' },
    ...factsOf(r).flatMap(([label, value]) => (value ? [{ label, value: <span className="break">{value}</span> }] : [])),
    { label: 'Resource ID', value: <span className="break"><CopyId id={r.id} /></span> },
    ...(tags.length > 0 ? [{ label: 'Tags', value: <>{tags.map(([key, value]) => <div key={key} className="break">{value === '' ? key : `${key} = ${value}`}</div>)}</> }] : []),
  ];
  return (
    <SpaceBetween size="xs">
      <Heading actions={<Go to={findingsPath({ resourceId: r.id })}>All its findings</Go>}>Resource</Heading>
      <KeyValuePairs columns={3} minColumnWidth={150} items={items} />
    </SpaceBetween>
  );
}

const Network = ({ of: { openPortRange: { begin, end }, protocol, networkPath } }: { of: NonNullable<Finding['networkReachabilityDetails']> }) => (
  <Part title="Open path">
    <Box>{begin === end ? `Port ${begin}` : `Ports ${begin} to ${end}`}, {protocol}</Box>
    <ol className="finding-path">
      {(networkPath.steps ?? []).map((s) => <li key={s.componentId}>{s.componentType.split('::').at(-1)}<br /><CopyId id={s.componentId} /></li>)}
    </ol>
  </Part>
);

const Code = ({ of: { detectorName, cwes, filePath } }: { of: NonNullable<Finding['codeVulnerabilityDetails']> }) => (
  <Part title="Code">
    <KeyValuePairs
      columns={3}
      items={[
        { label: 'File', value: <span className="break"><CopyId id={filePath.filePath} /></span> },
        { label: 'Lines', value: filePath.startLine === filePath.endLine ? filePath.startLine : `${filePath.startLine} to ${filePath.endLine}` },
        { label: 'Detector', value: detectorName },
        { label: 'Weaknesses', value: cwes.join(', ') },
      ]}
    />
  </Part>
);
