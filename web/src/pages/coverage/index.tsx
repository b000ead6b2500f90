import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Tabs from '@cloudscape-design/components/tabs';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { call } from '../../api/client.ts';
import { may, useSession } from '../../api/session.ts';
import { coverageFields, resourceTypeNames, type Field } from '../../filter/fields.ts';
import type { Filters, Text } from '../../filter/filter.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { Go } from '../../parts/Go.tsx';
import { findingsPath } from '../../parts/links.ts';
import { Open } from '../../parts/Open.tsx';
import { Page } from '../../parts/Page.tsx';
import { count, named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { useChosen, useView, type Options, type View } from '../../parts/view.ts';
import { Panel } from '../../shell/frame.tsx';
import { Details } from './Details.tsx';
import { useRescan } from './rescan.tsx';
import { Status, WhyNot } from './Status.tsx';
import { imageOf, imageTags, keyOf, nameOf, tagsOf, type Covered, type CoverageView, type Images, type Reason, type TypeCoverage } from './types.ts';
import { Why } from './Why.tsx';
import { modeNames, reasonNames, scanTypeNames } from './words.ts';

// A tab is one type of resource; the address has it as any other condition. Images
// have two: those of registries, and those from CI/CD.
interface Tab {
  id: string;
  type: string; // empty: all
  images?: Images;
  text: string;
  columns: string[];
  always: boolean; // shown even if there is nothing of it
  nothing: string; // what to do when there is nothing
}

const tab = (type: string, text: string, always: boolean, columns: string[], nothing: string, images?: Images): Tab =>
  ({ id: [type || 'all', images].filter(Boolean).join('.'), type, text, always, columns, nothing, images });
const common = ['name', 'status', 'reason', 'lastScanned'];
const tabs: Tab[] = [
  tab('', 'All', true, ['name', 'type', 'status', 'reason', 'lastScanned', 'mode', 'tags'], 'Nothing is covered yet: scan this machine, add a registry, or hand in a scan.'),
  tab('AWS_EC2_INSTANCE', 'Hosts', true, [...common, 'mode', 'system', 'tags'], 'Install the agent on a host, or run assay scan host --server there.'),
  tab('AWS_ECR_CONTAINER_IMAGE', 'Container images', true, [...common, 'imageTags', 'pulled', 'used', 'uses'], 'Images appear when a registry is watched. Add one in the settings.', 'watched'),
  tab('AWS_ECR_CONTAINER_IMAGE', 'CI/CD images', true, [...common, 'imageTags', 'id'], 'Have assay scan IMAGE --server run where images are built.', 'handed-in'),
  tab('AWS_ECR_REPOSITORY', 'Image repositories', true, common, 'Repositories appear when a registry is watched. Add one in the settings.'),
  tab('AWS_LAMBDA_FUNCTION', 'Functions', true, [...common, 'scanType', 'runtime', 'tags'], 'Add a folder or bucket of functions in the settings, or upload one.'),
  tab('CODE_REPOSITORY', 'Code repositories', false, [...common, 'provider', 'commit'], 'Hand in a folder of code with assay scan FOLDER --server.'),
  ...['Microsoft.Compute/virtualMachines', 'Microsoft.ContainerRegistry/registry/containerImage', 'Microsoft.Web/sites'].map((type) =>
    tab(type, `${resourceTypeNames[type]}s`, false, [...common, 'mode', 'tags'], 'Hand in a scan with assay scan … --server.'),
  ),
];

const fields: Field[] = coverageFields.map((f) =>
  f.name === 'scanStatusReason' ? { ...f, values: Object.entries(reasonNames).map(([value, label]) => ({ value, label })) } : f,
);
const options: Record<string, Options> = Object.fromEntries(
  tabs.map(({ id, columns }) => [id, { name: id === 'all' ? 'coverage' : `coverage.${id}`, fields, columns }]),
);

// chosenTab returns the tab of an address: the one type it is narrowed to. All
// images, wherever they come from, are among all resources.
function chosenTab(params: URLSearchParams): Tab {
  const types = params.getAll('resourceType');
  return tabs.find(({ type, images }) => types.length === 1 && type === types[0] && (images ?? null) === params.get('images')) ?? tabs[0]!;
}

const hrefOf = ({ type, images }: Tab) => (type === '' ? '/coverage' : `/coverage?${new URLSearchParams({ resourceType: type, ...(images && { images }) })}`);
const isOf = ({ type, images }: Tab) => (s: TypeCoverage) => type === '' || (s.type === type && s.images === images);

// within returns the view of a tab, where the type is no condition that one
// could take away.
function within(view: View, type: string): View {
  if (type === '') return view;
  const { resourceType, ...filters } = view.filters;
  return {
    ...view, filters,
    fields: view.fields.filter((f) => f.name !== 'resourceType'),
    setFilters: (after: Filters) => view.setFilters({ ...after, resourceType: resourceType ?? [] }),
  };
}

const list = (values: string[] = []) => (values.length === 0 ? '–' : values.join(', '));
const pairs = (tags: Record<string, string>) => Object.entries(tags).map(([key, value]) => (value === '' ? key : `${key}=${value}`));

const columns = (reasons: Reason[] | undefined): Column<Covered>[] => [
  { id: 'name', header: 'Resource', width: 230, rowHeader: true, always: true, cell: (c) => <Open name="open" value={keyOf(c)}>{nameOf(c)}</Open> },
  { id: 'type', header: 'Resource type', width: 150, cell: (c) => named(c.resourceType, resourceTypeNames) },
  { id: 'status', header: 'Status', width: 190, cell: (c) => <Status of={c} /> },
  { id: 'reason', header: 'Reason', width: 190, cell: (c) => <WhyNot reason={c.scanStatus?.reason} reasons={reasons} /> },
  { id: 'lastScanned', header: 'Last scanned', width: 145, cell: (c) => <Time at={c.lastScannedAt} none="Never" /> },
  { id: 'mode', header: 'Monitored using', width: 150, cell: (c) => (c.scanMode ? named(c.scanMode, modeNames) : '–') },
  { id: 'scanType', header: 'Scan type', width: 120, cell: (c) => named(c.scanType, scanTypeNames) },
  { id: 'tags', header: 'Tags', width: 200, cell: (c) => list(pairs(tagsOf(c.resourceMetadata)).concat(imageTags(c.resourceMetadata))) },
  { id: 'system', header: 'Operating system', width: 150, cell: (c) => named(c.resourceMetadata?.ec2?.platform ?? c.resourceMetadata?.vmInstance?.platform ?? '–', { LINUX: 'Linux', WINDOWS: 'Windows', MACOS: 'macOS' }) },
  { id: 'imageTags', header: 'Image tags', width: 150, cell: (c) => list(imageTags(c.resourceMetadata)) },
  { id: 'pulled', header: 'Last pulled', width: 130, cell: (c) => <Time at={imageOf(c.resourceMetadata).imagePulledAt} /> },
  { id: 'used', header: 'Last in use', width: 130, cell: (c) => <Time at={imageOf(c.resourceMetadata).lastInUseAt} /> },
  { id: 'uses', header: 'In use by', width: 110, cell: (c) => <span className="numbers">{imageOf(c.resourceMetadata).inUseCount ?? '–'}</span> },
  { id: 'runtime', header: 'Runtime', width: 150, cell: (c) => c.resourceMetadata?.serverlessFunction?.runtime ?? '–' },
  { id: 'provider', header: 'Code host', width: 150, cell: (c) => named(c.resourceMetadata?.codeRepository?.providerType ?? '–', { GITHUB: 'GitHub', GITLAB_SELF_MANAGED: 'GitLab' }) },
  { id: 'commit', header: 'Last scanned commit', width: 170, cell: (c) => (c.resourceMetadata?.codeRepository?.lastScannedCommitId ? <CopyId id={c.resourceMetadata.codeRepository.lastScannedCommitId} show={c.resourceMetadata.codeRepository.lastScannedCommitId.slice(0, 12)} /> : '–') },
  { id: 'id', header: 'Resource ID', width: 300, cell: (c) => <CopyId id={c.resourceId} /> },
  { id: 'account', header: 'Account', width: 150, cell: (c) => <CopyId id={c.accountId} /> },
  { id: 'region', header: 'Region', width: 120, cell: (c) => c.providerRegion ?? '–' },
  { id: 'findings', header: 'Findings', width: 110, cell: (c) => <Go to={findingsPath({ resourceId: c.resourceId })} ariaLabel={`Findings of ${nameOf(c)}`}>Findings</Go> },
];

export default function Coverage() {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const session = useSession().data;
  const now = chosenTab(params);
  const view = useView(options[now.id]!);
  const [chosen, choose] = useChosen('open');
  const [selected, select] = useState<Covered[]>([]);

  const query = useQuery({
    queryKey: ['coverage', 'list', now.images, view.request],
    queryFn: ({ signal }) => call<CoverageView>(`/assay/v1/coverage/view${now.images ? `?images=${now.images}` : ''}`, view.request, signal),
    placeholderData: keepPreviousData,
  });
  const summary = query.data?.types;

  const rescan = useRescan();
  const mayRescan = may(session, 'assay:Rescan');
  const rows = query.data?.coveredResources;
  const known = query.data?.reasons;
  const shown = rows?.find((c) => keyOf(c) === chosen);
  const marked = selected.filter((c) => rows?.some((r) => keyOf(r) === keyOf(c)));
  const totalOf = (t: Tab) => summary && summary.filter(isOf(t)).reduce((n, s) => n + s.total, 0);
  const narrow = (reason: string) => view.setFilters({ ...view.filters, scanStatusReason: [{ comparison: 'EQUALS', value: reason } satisfies Text] });
  const what = now.type === '' ? 'resources' : now.text.replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase());

  const content = (
    <DataTable<Covered>
      key={now.id}
      view={within(view, now.type)}
      title={now.type === '' ? 'Resources' : now.text}
      id={keyOf}
      columns={columns(known)}
      query={query}
      rows={rows}
      nextToken={query.isPlaceholderData ? undefined : query.data?.nextToken}
      counter={query.data && `(${count(query.data.total)})`}
      description={now.images === 'watched' ? 'Images of the registries that are watched.' : now.images ? 'Images that assay scan handed in and that are in no watched registry.' : undefined}
      placeholder={`Filter ${what} by status, reason, tag and more`}
      between={summary && <Why of={summary.filter(isOf(now))} onChoose={narrow} />}
      actions={
        mayRescan && (
          <Button
            disabled={marked.length === 0}
            disabledReason="Select what is to be scanned again."
            loading={rescan.isPending}
            onClick={() => rescan.mutate(marked, { onSuccess: () => select([]) })}
          >
            Scan again
          </Button>
        )
      }
      selected={marked}
      onSelect={mayRescan ? select : undefined}
      nothing={{ title: `No ${what}`, text: now.nothing, action: <Go to="/start">Getting started</Go> }}
    />
  );

  return (
    <Page title="Coverage" description="What Assay watches, whether it is scanned, and if not, why and what to do.">
      <Tabs
        ariaLabel="Types of resources"
        activeTabId={now.id}
        onChange={({ detail }) => detail.activeTabId !== now.id && void navigate(detail.activeTabHref ?? '/coverage')}
        tabs={tabs
          .filter((t) => t.always || t === now || (totalOf(t) ?? 0) > 0)
          .map((t) => ({
            id: t.id,
            href: hrefOf(t),
            label: <>{t.text}{totalOf(t) !== undefined && <Box variant="span" color="text-body-secondary" padding={{ left: 'xxs' }}><span className="numbers">{count(totalOf(t)!)}</span></Box>}</>,
            content: t === now ? content : null,
          }))}
      />
      {shown && (
        <Panel header={nameOf(shown)} onClose={() => choose(undefined)}>
          <Details of={shown} reasons={known} onRescan={mayRescan ? () => rescan.mutate([shown]) : undefined} busy={rescan.isPending} />
        </Panel>
      )}
    </Page>
  );
}
