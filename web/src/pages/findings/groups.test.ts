import { expect, test } from 'vitest';
import { findingFields } from '../../filter/fields.ts';
import { fromParams, toParams } from '../../filter/filter.ts';
import { ask, groups, rowFilters } from './groups.ts';

const now = new Date('2026-02-01T00:00:00Z');
const read = (text: string) => fromParams(new URLSearchParams(text), findingFields);
const group = (id: string) => groups.find((g) => g.id === id)!;

test.each([
  ['vulnerability', 'findingStatus=ACTIVE', { titleAggregation: {} }, []],
  ['vulnerability', 'vulnerabilityId=^CVE-2024&resourceType=AWS_EC2_INSTANCE', { titleAggregation: { vulnerabilityIds: [{ comparison: 'PREFIX', value: 'CVE-2024' }], resourceType: 'AWS_EC2_INSTANCE' } }, []],
  ['vulnerability', 'resourceType=AWS_EC2_INSTANCE&resourceType=AWS_LAMBDA_FUNCTION&severity=HIGH', { titleAggregation: {} }, ['severity', 'resourceType']],
  ['vulnerability', 'resourceType=!AWS_EC2_INSTANCE', { titleAggregation: {} }, ['resourceType']],
  ['host', 'resourceType=AWS_EC2_INSTANCE&resourceTags=stage%3Dprod', { ec2InstanceAggregation: { instanceTags: [{ comparison: 'EQUALS', key: 'stage', value: 'prod' }] } }, []],
  ['host', 'findingStatus=SUPPRESSED', { ec2InstanceAggregation: {} }, ['findingStatus']],
  ['image', 'ecrImageRepositoryName=app&vulnerablePackages.name=curl', { awsEcrContainerAggregation: { repositories: [{ comparison: 'EQUALS', value: 'app' }] } }, ['vulnerablePackages.name']],
  ['image', 'ecrImageInUseCount=1..', { awsEcrContainerAggregation: { inUseCount: [{ lowerInclusive: 1 }] } }, []],
  ['repository', Array.from({ length: 11 }, (_, n) => `ecrImageRepositoryName=${n}`).join('&'), { repositoryAggregation: {} }, ['ecrImageRepositoryName']],
])('%s %s', (id, filter, aggregationRequest, missed) => {
  const asked = ask(group(id), read(filter), now);
  expect(asked.request.aggregationRequest).toEqual(aggregationRequest);
  expect(asked.missed).toEqual(missed);
});

test('accounts stand beside the request', () => {
  expect(ask(group('function'), read('awsAccountId=111122223333'), now)).toEqual({
    request: {
      aggregationType: 'AWS_LAMBDA_FUNCTION', aggregationRequest: { lambdaFunctionAggregation: {} },
      accountIds: [{ comparison: 'EQUALS', value: '111122223333' }],
    },
    missed: [],
  });
});

test.each([
  ['vulnerability', { title: 'CVE-1 - a', accountId: '1' }, 'severity=LOW', false, undefined, 'severity=LOW&findingStatus=ACTIVE&title=CVE-1+-+a'],
  ['host', { instanceId: 'i-1', accountId: '1' }, '', true, 'CRITICAL', 'severity=CRITICAL&findingStatus=ACTIVE&awsAccountId=1&resourceId=i-1'],
  ['account', { accountId: '2' }, 'findingStatus=CLOSED', false, undefined, 'findingStatus=ACTIVE&awsAccountId=2'],
])('findings of %s %o', (id, row, filter, account, severity, want) => {
  expect(toParams(rowFilters(group(id), row, read(filter), account, severity), findingFields).toString()).toBe(want);
});
