// How findings are grouped: what the API calls it, and how the filter of the
// list and that of the groups become each other.
// Source: API reference of Amazon Inspector, AggregationRequest and AggregationResponse.
import { findingFields } from '../../filter/fields.ts';
import { toCriteria, type Filters, type Text } from '../../filter/filter.ts';

export interface Row {
  accountId?: string;
  severityCounts?: { all?: number; critical?: number; high?: number; medium?: number };
  exploitAvailableCount?: number;
  fixAvailableCount?: number;
  exploitAvailableActiveFindingsCount?: number;
  fixAvailableActiveFindingsCount?: number;
  title?: string;
  vulnerabilityId?: string;
  instanceId?: string;
  ami?: string;
  operatingSystem?: string;
  instanceTags?: Record<string, string>;
  networkFindings?: number;
  resourceId?: string;
  repository?: string;
  imageSha?: string;
  architecture?: string;
  imageTags?: string[];
  inUseCount?: number;
  lastInUseAt?: number; // seconds since 1970
  affectedImages?: number;
  functionName?: string;
  runtime?: string;
  lastModifiedAt?: number;
  projectNames?: string;
  providerType?: string;
}

export interface Group {
  id: string; // in the address
  text: string; // of the tab
  title: string; // what the rows are, in the plural
  type: string; // the API's aggregationType
  member: string; // of its request and of each answer
  // By the field of the list's filter: the member of the request.
  takes: Record<string, string>;
  // The types that a group is of; a filter that asks for them is met.
  resourceType?: string;
  columns: string[]; // shown at first
  // Which findings a row counts.
  filter: (row: Row) => Record<string, string | undefined>;
}

export const groups: Group[] = [
  {
    id: 'vulnerability', text: 'By vulnerability', title: 'Vulnerabilities', type: 'TITLE', member: 'titleAggregation',
    takes: { title: 'titles', vulnerabilityId: 'vulnerabilityIds', resourceType: 'resourceType', findingType: 'findingType' },
    columns: ['name', 'vulnerability', 'critical', 'high', 'medium', 'all'],
    filter: (r) => ({ title: r.title }),
  },
  {
    id: 'host', text: 'By host', title: 'Hosts', type: 'AWS_EC2_INSTANCE', member: 'ec2InstanceAggregation', resourceType: 'AWS_EC2_INSTANCE',
    takes: { resourceId: 'instanceIds', ec2InstanceImageId: 'amis', resourceTags: 'instanceTags' },
    columns: ['name', 'system', 'critical', 'high', 'medium', 'all'],
    filter: (r) => ({ resourceId: r.instanceId }),
  },
  {
    id: 'image', text: 'By image', title: 'Images', type: 'AWS_ECR_CONTAINER', member: 'awsEcrContainerAggregation', resourceType: 'AWS_ECR_CONTAINER_IMAGE',
    takes: {
      resourceId: 'resourceIds', ecrImageHash: 'imageShas', ecrImageRepositoryName: 'repositories', ecrImageArchitecture: 'architectures', ecrImageTags: 'imageTags',
      ecrImageLastInUseAt: 'lastInUseAt', ecrImageInUseCount: 'inUseCount',
    },
    columns: ['name', 'tags', 'critical', 'high', 'medium', 'all'],
    filter: (r) => ({ resourceId: r.resourceId }),
  },
  {
    id: 'repository', text: 'By repository', title: 'Image repositories', type: 'REPOSITORY', member: 'repositoryAggregation', resourceType: 'AWS_ECR_CONTAINER_IMAGE',
    takes: { ecrImageRepositoryName: 'repositories' },
    columns: ['name', 'images', 'critical', 'high', 'medium', 'all'],
    filter: (r) => ({ ecrImageRepositoryName: r.repository }),
  },
  {
    id: 'function', text: 'By function', title: 'Functions', type: 'AWS_LAMBDA_FUNCTION', member: 'lambdaFunctionAggregation', resourceType: 'AWS_LAMBDA_FUNCTION',
    takes: { resourceId: 'resourceIds', lambdaFunctionName: 'functionNames', lambdaFunctionRuntime: 'runtimes', resourceTags: 'functionTags' },
    columns: ['name', 'runtime', 'critical', 'high', 'medium', 'all'],
    filter: (r) => ({ resourceId: r.resourceId }),
  },
  {
    id: 'account', text: 'By account', title: 'Accounts', type: 'ACCOUNT', member: 'accountAggregation',
    takes: { resourceType: 'resourceType', findingType: 'findingType' },
    columns: ['name', 'critical', 'high', 'medium', 'all', 'fixable', 'exploitable'],
    filter: (r) => ({ awsAccountId: r.accountId }),
  },
  {
    id: 'code', text: 'By code repository', title: 'Code repositories', type: 'CODE_REPOSITORY', member: 'codeRepositoryAggregation', resourceType: 'CODE_REPOSITORY',
    takes: { resourceId: 'resourceIds', codeRepositoryProjectName: 'projectNames', codeRepositoryProviderType: 'providerTypes' },
    columns: ['name', 'critical', 'high', 'medium', 'all', 'fixable', 'exploitable'],
    filter: (r) => ({ resourceId: r.resourceId }),
  },
];

const most = 10; // filters that a member may have
const single = ['resourceType', 'findingType']; // members that are one value

const equals = (value: string): Text => ({ comparison: 'EQUALS', value });
const values = (filters: unknown[]): string[] | undefined => {
  const all = filters as Text[];
  return all.every((f) => f.comparison === 'EQUALS') ? all.map((f) => f.value) : undefined;
};

export interface Asked {
  request: Record<string, unknown>; // without paging
  missed: string[]; // fields of the filter that groups cannot take
}

// ask returns the request for a group under a filter, and what of the filter it
// leaves out.
export function ask(group: Group, filters: Filters, now: Date): Asked {
  const criteria = toCriteria(filters, findingFields, now);
  const members: Record<string, unknown> = {};
  const missed: string[] = [];
  let accountIds: unknown[] | undefined;
  for (const [name, all] of Object.entries(filters)) {
    const only = values(all);
    const fits = all.length <= most;
    const member = group.takes[name];
    if (name === 'findingStatus' && only?.length === 1 && only[0] === 'ACTIVE') continue; // no others are counted
    else if (name === 'resourceType' && group.resourceType && only?.length === 1 && only[0] === group.resourceType) continue;
    else if (name === 'awsAccountId' && fits) accountIds = criteria[name];
    else if (member && single.includes(member) && only?.length === 1) members[member] = only[0];
    else if (member && !single.includes(member) && fits) members[member] = criteria[name];
    else missed.push(name);
  }
  return { request: { aggregationType: group.type, aggregationRequest: { [group.member]: members }, ...(accountIds && { accountIds }) }, missed };
}

// rowFilters returns the filter of the findings that a row counts, within the
// filter of the list.
export function rowFilters(group: Group, row: Row, filters: Filters, account: boolean, severity?: string): Filters {
  const after: Filters = { ...filters, findingStatus: [equals('ACTIVE')] };
  for (const [name, value] of Object.entries(group.filter(row))) if (value !== undefined) after[name] = [equals(value)];
  if (account && row.accountId) after.awsAccountId = [equals(row.accountId)];
  if (severity) after.severity = [equals(severity)];
  return after;
}
