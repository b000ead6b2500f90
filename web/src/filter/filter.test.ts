import { describe, expect, test } from 'vitest';
import { coverageFields, findingFields } from './fields.ts';
import { fromCriteria, fromParams, fromTokens, toCriteria, toParams, toTokens, type Criteria, type Filters } from './filter.ts';

const now = new Date(2026, 10, 20, 15, 30);
const seconds = (...parts: [number, number, number]) => new Date(parts[0], parts[1], parts[2]).getTime() / 1000;

const cases: { name: string; filters: Filters; params: string; criteria: Criteria }[] = [
  { name: 'nothing', filters: {}, params: '', criteria: {} },
  {
    name: 'texts',
    filters: { severity: [{ comparison: 'EQUALS', value: 'CRITICAL' }, { comparison: 'EQUALS', value: 'HIGH' }], title: [{ comparison: 'PREFIX', value: 'CVE' }, { comparison: 'NOT_EQUALS', value: 'a b' }] },
    params: 'severity=CRITICAL&severity=HIGH&title=%5ECVE&title=%21a+b',
    criteria: {
      severity: [{ comparison: 'EQUALS', value: 'CRITICAL' }, { comparison: 'EQUALS', value: 'HIGH' }],
      title: [{ comparison: 'PREFIX', value: 'CVE' }, { comparison: 'NOT_EQUALS', value: 'a b' }],
    },
  },
  {
    name: 'a text that begins like an operator',
    filters: { title: [{ comparison: 'EQUALS', value: '!x' }, { comparison: 'EQUALS', value: '\\x' }] },
    params: 'title=%5C%21x&title=%5C%5Cx',
    criteria: { title: [{ comparison: 'EQUALS', value: '!x' }, { comparison: 'EQUALS', value: '\\x' }] },
  },
  {
    name: 'ranges',
    filters: { inspectorScore: [{ from: '7', to: '8.9' }], epssScore: [{ from: '0.5' }], portRange: [{ from: '22', to: '22' }] },
    params: 'inspectorScore=7..8.9&epssScore=0.5..&portRange=22..22',
    criteria: { inspectorScore: [{ lowerInclusive: 7, upperInclusive: 8.9 }], epssScore: [{ lowerInclusive: 0.5 }], portRange: [{ beginInclusive: 22, endInclusive: 22 }] },
  },
  {
    name: 'tags',
    filters: { resourceTags: [{ key: 'env', value: 'a=b' }, { key: 'a=\\b' }, { key: 'x', value: '' }] },
    params: 'resourceTags=env%3Da%3Db&resourceTags=a%5C%3D%5C%5Cb&resourceTags=x%3D',
    criteria: { resourceTags: [{ comparison: 'EQUALS', key: 'env', value: 'a=b' }, { comparison: 'EQUALS', key: 'a=\\b' }, { comparison: 'EQUALS', key: 'x', value: '' }] },
  },
  {
    name: 'packages',
    filters: { 'vulnerablePackages.name': [{ comparison: 'EQUALS', value: 'openssl' }, { comparison: 'EQUALS', value: 'curl' }], 'vulnerablePackages.version': [{ comparison: 'PREFIX', value: '3.' }] },
    params: 'vulnerablePackages.name=openssl&vulnerablePackages.name=curl&vulnerablePackages.version=%5E3.',
    criteria: {
      vulnerablePackages: [
        { name: { comparison: 'EQUALS', value: 'openssl' }, version: { comparison: 'PREFIX', value: '3.' } },
        { name: { comparison: 'EQUALS', value: 'curl' }, version: { comparison: 'PREFIX', value: '3.' } },
      ],
    },
  },
  {
    name: 'packages that cannot be taken apart',
    filters: { vulnerablePackages: [{ raw: '{"name":{"comparison":"EQUALS","value":"a"}}' }, { raw: '{"version":{"comparison":"EQUALS","value":"1"}}' }] },
    params: `vulnerablePackages=${encodeURIComponent('{"name":{"comparison":"EQUALS","value":"a"}}')}&vulnerablePackages=${encodeURIComponent('{"version":{"comparison":"EQUALS","value":"1"}}')}`,
    criteria: { vulnerablePackages: [{ name: { comparison: 'EQUALS', value: 'a' } }, { version: { comparison: 'EQUALS', value: '1' } }] },
  },
];

describe.each(cases)('$name', ({ filters, params, criteria }) => {
  test('to and from the address', () => {
    expect(toParams(filters, findingFields).toString()).toBe(params);
    expect(fromParams(new URLSearchParams(params), findingFields)).toEqual(filters);
  });
  test('to and from the API', () => {
    expect(toCriteria(filters, findingFields, now)).toEqual(criteria);
    expect(fromCriteria(criteria, findingFields)).toEqual(filters);
  });
  test('to and from the filter box', () => {
    expect(fromTokens(toTokens(filters, findingFields), findingFields)).toEqual(filters);
  });
});

test('dates', () => {
  const span = (from?: string, to?: string) =>
    toCriteria({ firstObservedAt: [{ ...(from && { from }), ...(to && { to }) }] }, findingFields, now).firstObservedAt;
  expect(span('2026-01-31')).toEqual([{ startInclusive: seconds(2026, 0, 31) }]);
  expect(span(undefined, '2026-01-31')).toEqual([{ endInclusive: seconds(2026, 1, 1) - 0.001 }]);
  expect(span('-7d')).toEqual([{ startInclusive: seconds(2026, 10, 13) }]);
  expect(span('2026-01-31T10:00:00.000Z')).toEqual([{ startInclusive: Date.UTC(2026, 0, 31, 10) / 1000 }]);
  expect(fromCriteria({ firstObservedAt: [{ startInclusive: 1.5 }] }, findingFields)).toEqual({ firstObservedAt: [{ from: '1970-01-01T00:00:01.500Z' }] });
});

test('an address of nonsense filters nothing', () => {
  const params = new URLSearchParams('firstObservedAt=soon&inspectorScore=..&portRange=x..2&severity=&resourceTags==a&title=!&vulnerablePackages=%5B1&other=1');
  expect(fromParams(params, findingFields)).toEqual({});
});

test('other members of the address stay', () => {
  const params = toParams({ severity: [{ comparison: 'EQUALS', value: 'LOW' }] }, findingFields, new URLSearchParams('size=50&severity=HIGH&title=x'));
  expect(params.toString()).toBe('size=50&severity=LOW');
});

test('tokens', () => {
  const of = (...tokens: [string | undefined, string, unknown][]) =>
    fromTokens(tokens.map(([propertyKey, operator, value]) => ({ propertyKey, operator, value })), findingFields);
  expect(of(['severity', '=', ['LOW']], ['severity', '=', ['HIGH', 'LOW']])).toEqual({ severity: [{ comparison: 'EQUALS', value: 'LOW' }, { comparison: 'EQUALS', value: 'HIGH' }] });
  expect(of(['inspectorScore', '>=', '7'], ['inspectorScore', '<=', '9'])).toEqual({ inspectorScore: [{ from: '7', to: '9' }] });
  expect(of([undefined, ':', 'cve-2024-1'])).toEqual({ vulnerabilityId: [{ comparison: 'PREFIX', value: 'CVE-2024-1' }] });
  expect(of([undefined, ':', 'i-0abc'])).toEqual({ resourceId: [{ comparison: 'PREFIX', value: 'i-0abc' }] });
  expect(of([undefined, ':', 'Openssl'])).toEqual({ title: [{ comparison: 'PREFIX', value: 'Openssl' }] });
  expect(of(['inspectorScore', '=', 'x'], ['severity', '=', []])).toEqual({});
});

test('names of fields are unique, and so are their labels', () => {
  for (const fields of [findingFields, coverageFields]) {
    expect(new Set(fields.map((f) => f.name)).size).toBe(fields.length);
    expect(new Set(fields.map((f) => f.label)).size).toBe(fields.length);
  }
});
