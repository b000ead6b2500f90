// Source: API reference of Amazon Inspector, BatchGetAccountStatus, ListMembers
// and the other operations on accounts; doc/rest.md for the names.
import { call, get } from '../../api/client.ts';
import type { Seconds, Session } from '../../api/types.ts';

export type Service = 'EC2' | 'ECR' | 'LAMBDA' | 'LAMBDA_CODE' | 'CODE_REPOSITORY';

// A scan type, and its member in the answers.
export interface ScanType {
  service: Service;
  member: 'ec2' | 'ecr' | 'lambda' | 'lambdaCode' | 'codeRepository';
  text: string;
  means: string;
}

export const scanTypes: ScanType[] = [
  { service: 'EC2', member: 'ec2', text: 'Hosts', means: 'Packages of machines (EC2).' },
  { service: 'ECR', member: 'ecr', text: 'Container images', means: 'Packages of images in registries and from CI/CD (ECR).' },
  { service: 'LAMBDA', member: 'lambda', text: 'Functions', means: 'Packages of functions and their layers (Lambda standard scanning).' },
  { service: 'LAMBDA_CODE', member: 'lambdaCode', text: 'Code of functions', means: 'Can be switched on, but no code is looked at yet. Needs functions.' },
  { service: 'CODE_REPOSITORY', member: 'codeRepository', text: 'Code repositories', means: 'Packages that code depends on.' },
];

export const serviceNames: Record<string, string> = Object.fromEntries(scanTypes.map((t) => [t.service, t.text]));

export type State = 'ENABLED' | 'DISABLED' | 'ENABLING' | 'DISABLING' | 'SUSPENDED' | 'SUSPENDING';

export interface Account {
  id: string;
  name?: string;
  management?: boolean;
  place: 'administrator' | 'member' | 'former' | 'own' | 'other';
  relationship?: string; // the API's word, of a member
  since?: Seconds; // when it became that
  closed?: string;
  state?: State; // absent: the caller may not see it
  types: Partial<Record<ScanType['member'], State>>;
}

export interface Organization {
  accounts: Account[];
  administrator?: string; // the delegated one
  administers: boolean; // the caller does
  more: boolean; // there are more members than these
  autoEnable?: Auto; // absent: the caller may not see it
  full: boolean; // there can be no more members
}

// Which scan types new members get.
export type Auto = Partial<Record<ScanType['member'], boolean>>;

interface Member {
  accountId: string;
  relationshipStatus: string;
  updatedAt?: Seconds;
}
export interface Named {
  id: string;
  name: string;
  closed?: string;
  management: boolean;
}
interface AccountState {
  accountId: string;
  state: { status: State };
  resourceState: Record<ScanType['member'], { status: State } | undefined>;
}

const batch = 100; // accounts a call takes

// The answer to GET views/accounts: those of operations, as far as the caller may
// ask for them.
interface View {
  accounts?: { accounts: Named[] };
  administrators?: { delegatedAdminAccounts: { accountId: string }[] };
  members?: { members: Member[]; nextToken?: string };
  states?: { accounts: AccountState[] };
  organization?: { autoEnable: Auto; maxAccountLimitReached: boolean };
}

// organization returns all accounts that the caller knows of, and what is
// switched on in those that it may see.
export async function organization(session: Session, signal?: AbortSignal): Promise<Organization> {
  const { account } = session;
  const view = await get<View>('/assay/v1/views/accounts', signal);
  const administrator = view.administrators?.delegatedAdminAccounts[0]?.accountId ?? (session.delegatedAdministrator || undefined);

  const accounts = new Map<string, Account>();
  const add = (id: string, more: Partial<Account>) => accounts.set(id, { id, place: 'other', types: {}, ...accounts.get(id), ...more });
  for (const { id, name, closed, management } of view.accounts?.accounts ?? []) add(id, { name, closed, management });
  add(account, { management: session.management, place: 'own', ...(session.accountName && { name: session.accountName }) });
  for (const { accountId, relationshipStatus, updatedAt } of view.members?.members ?? []) {
    add(accountId, { place: relationshipStatus === 'ENABLED' ? 'member' : 'former', relationship: relationshipStatus, since: updatedAt });
  }
  if (administrator) add(administrator, { place: 'administrator' });
  // A caller sees itself and, as the administrator, its members.
  for (const { accountId, state, resourceState } of view.states?.accounts ?? []) {
    add(accountId, { state: state.status, types: Object.fromEntries(Object.entries(resourceState).map(([member, s]) => [member, s?.status])) });
  }
  return {
    accounts: [...accounts.values()], administrator, administers: administrator === account, more: view.members?.nextToken !== undefined,
    autoEnable: view.organization?.autoEnable, full: view.organization?.maxAccountLimitReached ?? false,
  };
}

export interface Failed {
  accountId: string;
  errorMessage: string;
}

// switchTypes switches scan types of accounts on or off, and returns where that
// was refused.
export async function switchTypes(on: boolean, accountIds: string[], resourceTypes: Service[]): Promise<Failed[]> {
  const failed: Failed[] = [];
  for (let i = 0; i < accountIds.length; i += batch) {
    const answer = await call<{ failedAccounts?: Failed[] }>(on ? '/enable' : '/disable', { accountIds: accountIds.slice(i, i + batch), resourceTypes });
    failed.push(...(answer.failedAccounts ?? []));
  }
  return failed;
}
