import Button from '@cloudscape-design/components/button';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, send } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { coverageFields } from '../../../filter/fields.ts';
import { CopyId, shortId } from '../../../parts/Copy.tsx';
import { DataTable, type Column } from '../../../parts/DataTable.tsx';
import { Go } from '../../../parts/Go.tsx';
import { findingsPath } from '../../../parts/links.ts';
import { named } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { useChosen, useView, type Options } from '../../../parts/view.ts';
import { useAct } from '../common/act.ts';
import { Confirm } from '../common/Dialog.tsx';
import { UploadDialog } from './UploadDialog.tsx';

interface Covered {
  resourceId: string;
  accountId: string;
  scanStatus?: { statusCode: string; reason: string };
  lastScannedAt?: number;
  resourceMetadata?: { lambdaFunction?: { functionName?: string; runtime?: string; layers?: string[] } };
}

const options: Options = {
  name: 'settings-functions',
  fields: coverageFields.filter((f) => f.name.startsWith('lambdaFunction') || ['scanStatusCode', 'scanStatusReason', 'lastScannedAt', 'resourceId', 'accountId'].includes(f.name)),
  columns: ['name', 'runtime', 'status', 'scanned', 'findings', 'actions'],
};

const nameOf = (f: Covered) => f.resourceMetadata?.lambdaFunction?.functionName ?? shortId(f.resourceId);

// runtime writes one of the API's names as AWS Lambda does: PYTHON_3_9 is
// python3.9. The API has no name for the newest.
function runtime(name: string | undefined): string {
  if (name === undefined) return '–';
  if (name === 'UNSUPPORTED') return 'Other';
  return name.toLowerCase().replace(/_(?=[\dx]+$)/, '.').replace('_', '');
}

// FunctionList is what the server knows of functions, wherever they come from.
export function FunctionList() {
  const session = useSession().data;
  const view = useView(options);
  const [upload, open] = useChosen('upload');
  const [dropped, drop] = useState<Covered>();
  const request = { ...view.request, filterCriteria: { ...view.request.filterCriteria, resourceType: [{ comparison: 'EQUALS', value: 'AWS_LAMBDA_FUNCTION' }] } };
  const query = useQuery({
    queryKey: ['coverage', 'functions', request],
    queryFn: ({ signal }) => call<{ coveredResources: Covered[]; nextToken?: string }>('/coverage/list', request, signal),
    placeholderData: keepPreviousData,
  });
  const gone = useAct((f: Covered) => send('DELETE', `/assay/v1/functions/${encodeURIComponent(nameOf(f))}`), {
    refresh: ['coverage'], quiet: true, done: (_, f) => `${nameOf(f)} is gone.`, then: () => drop(undefined),
  });
  const columns: Column<Covered>[] = [
    { id: 'name', header: 'Name', width: 220, rowHeader: true, always: true, cell: (f) => <CopyId id={f.resourceId} show={nameOf(f)} /> },
    { id: 'runtime', header: 'Runtime', width: 140, cell: (f) => runtime(f.resourceMetadata?.lambdaFunction?.runtime) },
    { id: 'status', header: 'Scan status', width: 220, cell: (f) => (f.scanStatus?.statusCode === 'ACTIVE' ? <StatusIndicator type="success">Active</StatusIndicator> : <StatusIndicator type="stopped">{named(f.scanStatus?.reason ?? 'UNKNOWN')}</StatusIndicator>) },
    { id: 'scanned', header: 'Last scanned', width: 140, cell: (f) => <Time at={f.lastScannedAt} none="Never" /> },
    { id: 'findings', header: 'Findings', width: 120, cell: (f) => <Go to={findingsPath({ resourceId: f.resourceId })} ariaLabel={`Findings of ${nameOf(f)}`}>Findings</Go> },
    { id: 'account', header: 'Account', width: 150, cell: (f) => <CopyId id={f.accountId} /> },
    // A function can be taken out by the account that has it.
    ...(may(session, 'assay:DeleteFunction') ? [{ id: 'actions', header: 'Actions', width: 95, cell: (f: Covered) => f.accountId === session?.account && <Button variant="inline-link" ariaLabel={`Delete ${nameOf(f)}`} onClick={() => drop(f)}>Delete</Button> }] : []),
  ];
  const add = may(session, 'assay:PutFunction') && <Button variant="primary" onClick={() => open('1')}>Upload a function</Button>;
  return (
    <>
      <DataTable<Covered>
        view={view} title="Functions" id={(f) => f.resourceId} columns={columns} query={query} rows={query.data?.coveredResources}
        nextToken={query.isPlaceholderData ? undefined : query.data?.nextToken}
        actions={add}
        nothing={{ title: 'No functions', text: 'No function is known yet. Upload one with its layers, or add a source that is watched.', action: add }}
      />
      {upload && may(session, 'assay:PutFunction') && <UploadDialog onClose={() => open(undefined)} />}
      {dropped && (
        <Confirm title={`Delete ${nameOf(dropped)}?`} verb="Delete" act={gone} onDo={() => gone.mutate(dropped)} onClose={() => drop(undefined)}>
          The server takes the function to be gone, and closes its findings. If it still lies in a source, it comes back from there when it is changed.
        </Confirm>
      )}
    </>
  );
}
