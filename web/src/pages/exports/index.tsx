import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearchParams } from 'react-router';
import { call, get } from '../../api/client.ts';
import { may, useSession } from '../../api/session.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { Open } from '../../parts/Open.tsx';
import { Page } from '../../parts/Page.tsx';
import { count } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { useChosen } from '../../parts/view.ts';
import { Panel, useFlash } from '../../shell/frame.tsx';
import { LocalTable, type LocalColumn } from '../../parts/LocalTable.tsx';
import { Details } from './Details.tsx';
import { Order } from './Order.tsx';
import { local, nameOf, own, type Kind, type Report } from './types.ts';

const often = 2_000; // milliseconds between looks at what is in the making

// Addresses: ?new=FILTER orders a findings report, ?sbom=FILTER an SBOM export,
// ?open=ID shows one.
export default function Exports() {
  const [params, setParams] = useSearchParams();
  const navigate = useNavigate();
  const session = useSession().data;
  const [open, setOpen] = useChosen('open');
  const query = useQuery({
    queryKey: ['reports'],
    queryFn: ({ signal }) => get<{ reports: Report[] }>('/assay/v1/reports', signal),
    refetchInterval: ({ state }) => (state.data?.reports.some((r) => r.status === 'IN_PROGRESS') ? often : false),
    meta: { live: ['jobs'] },
  });
  const mayReport = may(session, 'inspector2:CreateFindingsReport');
  const maySbom = may(session, 'inspector2:CreateSbomExport');
  const draft: [Kind, string] | undefined =
    params.has('new') && mayReport ? ['findings-report', params.get('new') ?? ''] : params.has('sbom') && maySbom ? ['sbom-export', params.get('sbom') ?? ''] : undefined;

  if (draft) {
    const [kind, filter] = draft;
    return (
      <Page title={kind === 'findings-report' ? 'New findings report' : 'New SBOM export'} crumbs={[{ text: 'Exports', href: '/exports' }]}>
        <Order
          key={kind}
          kind={kind}
          filter={filter}
          onFilter={(text) => setParams({ [kind === 'findings-report' ? 'new' : 'sbom']: text }, { replace: true })}
          onDone={(id) => void navigate(id ? `/exports?open=${id}` : '/exports')}
        />
      </Page>
    );
  }

  const start = (id: string) => void navigate(id === 'sbom' ? '/exports?sbom=' : '/exports?new=findingStatus%3DACTIVE');
  const create = (mayReport || maySbom) && (
    <ButtonDropdown
      variant="primary"
      items={[
        ...(mayReport ? [{ id: 'report', text: 'Findings report', description: 'All findings that fit, as CSV or JSON' }] : []),
        ...(maySbom ? [{ id: 'sbom', text: 'SBOM export', description: 'The packages of each resource, as CycloneDX or SPDX' }] : []),
      ]}
      onItemClick={({ detail }) => start(detail.id)}
    >
      Create export
    </ButtonDropdown>
  );
  const shown = query.data?.reports.find((r) => r.id === open);
  return (
    <Page title="Exports" description="Reports of findings, and the lists of packages (SBOMs) of resources.">
      <LocalTable<Report>
        name="exports"
        title="Exports"
        one="export"
        id={(r) => r.id}
        label={(r) => `${nameOf(r)}, ${r.id}`}
        columns={columns(setOpen)}
        query={query}
        rows={query.data?.reports}
        text={(r) => `${nameOf(r)} ${r.id} ${r.status} ${r.bucket}`}
        sort="-ordered"
        description="Those that are kept here can be loaded down for 30 days."
        actions={create}
        nothing={{ title: 'No exports', text: 'Nothing has been exported in the last 30 days.', action: create }}
      />
      {shown && <Panel header={nameOf(shown)} onClose={() => setOpen(undefined)}><Details key={shown.id} of={shown} /></Panel>}
    </Page>
  );
}

const columns = (open: (id: string) => void): LocalColumn<Report>[] => [
  { id: 'name', header: 'Export', width: 210, rowHeader: true, by: nameOf, cell: (r) => <Open name="open" value={r.id}>{nameOf(r)}</Open> },
  { id: 'status', header: 'Status', width: 130, by: (r) => r.status, cell: (r) => <State of={r} /> },
  { id: 'done', header: 'Written', width: 145, by: (r) => r.done, cell: (r) => <span className="numbers">{count(r.done)} {r.kind === 'findings-report' ? (r.done === 1 ? 'finding' : 'findings') : r.done === 1 ? 'document' : 'documents'}</span> },
  { id: 'ordered', header: 'Ordered', width: 140, by: (r) => r.ordered, cell: (r) => <Time at={r.ordered} /> },
  { id: 'ended', header: 'Ended', width: 140, by: (r) => r.ended ?? '', cell: (r) => <Time at={r.ended} /> },
  { id: 'actions', header: 'Actions', width: 140, cell: (r) => <Actions of={r} open={open} /> },
  { id: 'bucket', header: 'Kept in', width: 170, by: (r) => r.bucket, cell: (r) => (r.bucket === own ? 'Assay' : <CopyId id={r.bucket} />) },
  { id: 'id', header: 'Report ID', width: 300, cell: (r) => <CopyId id={r.id} /> },
];

const states: Record<Report['status'], [StatusIndicatorProps.Type, string]> = {
  IN_PROGRESS: ['in-progress', 'In progress'],
  SUCCEEDED: ['success', 'Succeeded'],
  CANCELLED: ['stopped', 'Cancelled'],
  FAILED: ['error', 'Failed'],
};

function State({ of }: { of: Report }) {
  const [type, text] = states[of.status];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

function Actions({ of, open }: { of: Report; open: (id: string) => void }) {
  const session = useSession().data;
  const flash = useFlash();
  const client = useQueryClient();
  const findings = of.kind === 'findings-report';
  const cancel = useMutation({
    mutationFn: () => call(findings ? '/reporting/cancel' : '/sbomexport/cancel', { reportId: of.id }),
    onError: (error) => flash({ type: 'error', header: 'It was not cancelled', content: error.message }),
    onSettled: () => client.invalidateQueries({ queryKey: ['reports'] }),
  });
  const load = useMutation({
    mutationFn: () => get<Report>(`/assay/v1/reports/${of.id}`),
    onSuccess: ({ objects }) => {
      if (objects.length === 1) window.location.assign(local(objects[0]!.url));
      else open(of.id);
    },
    onError: (error) => flash({ type: 'error', header: 'It cannot be loaded down', content: error.message }),
  });
  if (of.status === 'IN_PROGRESS') {
    if (!may(session, findings ? 'inspector2:CancelFindingsReport' : 'inspector2:CancelSbomExport')) return <>–</>;
    return <Button variant="inline-link" loading={cancel.isPending} ariaLabel={`Cancel ${nameOf(of)}`} onClick={() => cancel.mutate()}>Cancel</Button>;
  }
  if (of.status !== 'SUCCEEDED' || of.bucket !== own || !may(session, 'assay:GetReport')) return <>–</>;
  return (
    <Button variant="inline-link" iconName="download" loading={load.isPending} ariaLabel={`Download ${nameOf(of)}`} onClick={() => load.mutate()}>Download</Button>
  );
}
