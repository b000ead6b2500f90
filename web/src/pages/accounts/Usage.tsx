import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import { may } from '../../api/session.ts';
import type { Seconds, Session } from '../../api/types.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { LocalTable, type LocalColumn } from '../../parts/LocalTable.tsx';
import { serviceNames, type Named } from './types.ts';

interface Used {
  accountId: string;
  type: string;
  total: number;
  estimatedMonthlyCost: number;
  currency: string;
}

interface Trial {
  accountId: string;
  type: string;
  start: Seconds;
  end: Seconds;
  status: 'ACTIVE' | 'INACTIVE';
}

// What is counted, and in what.
// Source: API reference of Amazon Inspector, UsageType.
const types: Record<string, [string, string]> = {
  EC2_INSTANCE_HOURS: ['Hosts', 'hours'],
  EC2_AGENTLESS_INSTANCE_HOURS: ['Hosts without an agent', 'hours'],
  ECR_INITIAL_SCAN: ['First scans of images', 'scans'],
  ECR_RESCAN: ['Repeated scans of images', 'scans'],
  LAMBDA_FUNCTION_HOURS: ['Functions', 'hours'],
  LAMBDA_FUNCTION_CODE_HOURS: ['Code of functions', 'hours'],
  CODE_REPOSITORY_SAST: ['Code repositories, static analysis', 'scans'],
  CODE_REPOSITORY_IAC: ['Code repositories, infrastructure as code', 'scans'],
  CODE_REPOSITORY_SCA: ['Code repositories, dependencies', 'scans'],
  AZURE_CONTAINER_IMAGE_INITIAL_SCAN: ['First scans of Azure images', 'scans'],
  AZURE_CONTAINER_IMAGE_RESCAN: ['Repeated scans of Azure images', 'scans'],
  AZURE_VM_AGENT_BASED_INSTANCE_HOURS: ['Azure virtual machines', 'hours'],
  AZURE_SERVERLESS_FUNCTION_HOURS: ['Azure functions', 'hours'],
};
const typeOf = (type: string) => types[type]?.[0] ?? named(type);

const amounts = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const money = (u: Used) => new Intl.NumberFormat('en', { style: 'currency', currency: u.currency }).format(u.estimatedMonthlyCost);

// The answer to GET views/usage: those of operations, as far as the caller may ask
// for them.
interface View {
  accounts?: { accounts: Named[] };
  usage?: { totals?: { accountId: string; usage?: Omit<Used, 'accountId'>[] }[] };
  trials?: { accounts: { accountId: string; freeTrialInfo: Omit<Trial, 'accountId'>[] }[] };
}

export function Usage({ session }: { session: Session }) {
  const query = useQuery({ queryKey: ['accounts', 'usage'], queryFn: ({ signal }) => get<View>('/assay/v1/views/usage', signal) });
  const view = query.data;
  const used = view && (view.usage?.totals ?? []).flatMap(({ accountId, usage }) => (usage ?? []).map((u) => ({ ...u, accountId })));
  const trials = view?.trials?.accounts.flatMap(({ accountId, freeTrialInfo }) => freeTrialInfo.map((t) => ({ ...t, accountId })));
  const nameOf = (id: string) => view?.accounts?.accounts.find((a) => a.id === id)?.name ?? (id === session.account ? session.accountName : undefined);

  const account = <T extends { accountId: string }>(): LocalColumn<T>[] => [
    { id: 'account', header: 'Account', width: 170, by: (r) => r.accountId, cell: (r) => <CopyId id={r.accountId} /> },
    { id: 'name', header: 'Name', width: 150, by: (r) => nameOf(r.accountId) ?? '', cell: (r) => nameOf(r.accountId) ?? '–' },
  ];
  return (
    <SpaceBetween size="l">
      <LocalTable<Used>
        name="usage"
        title="Usage of the last 30 days"
        one="usage"
        id={(u) => `${u.accountId} ${u.type}`}
        label={(u) => `${typeOf(u.type)} of ${u.accountId}`}
        columns={[
          { id: 'type', header: 'What', width: 260, rowHeader: true, by: (u) => typeOf(u.type), cell: (u) => typeOf(u.type) },
          { id: 'total', header: 'Amount', width: 160, by: (u) => u.total, cell: (u) => <span className="numbers">{amounts.format(u.total)} {types[u.type]?.[1]}</span> },
          { id: 'cost', header: 'Estimated monthly cost', width: 210, by: (u) => u.estimatedMonthlyCost, cell: (u) => <span className="numbers">{money(u)}</span> },
          ...account<Used>(),
        ]}
        query={query}
        rows={used}
        text={(u) => `${typeOf(u.type)} ${u.accountId} ${nameOf(u.accountId) ?? ''}`}
        sort="account"
        description="Counted as Amazon counts it. Assay charges nothing."
        nothing={{ title: 'No usage', text: 'Nothing has been scanned in the last 30 days.' }}
      />
      {may(session, 'inspector2:BatchGetFreeTrialInfo') && (
        <LocalTable<Trial>
          name="trials"
          title="Free trials"
          one="free trial"
          id={(t) => `${t.accountId} ${t.type}`}
          label={(t) => `${serviceNames[t.type] ?? t.type} of ${t.accountId}`}
          columns={[
            { id: 'type', header: 'Scan type', width: 200, rowHeader: true, by: (t) => serviceNames[t.type] ?? named(t.type), cell: (t) => serviceNames[t.type] ?? named(t.type) },
            { id: 'status', header: 'Status', width: 140, by: (t) => t.status, cell: (t) => <StatusIndicator type={t.status === 'ACTIVE' ? 'success' : 'stopped'}>{t.status === 'ACTIVE' ? 'Active' : 'Over'}</StatusIndicator> },
            { id: 'start', header: 'Begun', width: 150, by: (t) => t.start, cell: (t) => <Time at={t.start} /> },
            { id: 'end', header: 'Ends', width: 150, by: (t) => t.end, cell: (t) => <Time at={t.end} /> },
            ...account<Trial>(),
          ]}
          query={query}
          rows={trials}
          text={(t) => `${serviceNames[t.type] ?? t.type} ${t.accountId} ${nameOf(t.accountId) ?? ''}`}
          sort="account"
          description="The first 15 days of each scan type, as the API tells of them. Nothing is charged afterwards either."
          nothing={{ title: 'No free trials', text: 'No scan type has been activated.' }}
        />
      )}
    </SpaceBetween>
  );
}
