import { expect, test } from 'vitest';
import type { Finding } from '../../api/types.ts';
import { ruleFilters } from './suppress.ts';

const finding = (id: string | undefined, resource: string) =>
  ({ title: `${id} - a`, packageVulnerabilityDetails: id ? { vulnerabilityId: id } : undefined, resources: [{ id: resource }] }) as unknown as Finding;
const is = (...values: string[]) => values.map((value) => ({ comparison: 'EQUALS', value }));

test.each([
  ['one', [finding('CVE-1', 'i-1')], true, { vulnerabilityId: is('CVE-1'), resourceId: is('i-1') }],
  ['everywhere', [finding('CVE-1', 'i-1')], false, { vulnerabilityId: is('CVE-1') }],
  ['each once', [finding('CVE-1', 'i-1'), finding('CVE-1', 'i-2'), finding('CVE-2', 'i-1')], true, { vulnerabilityId: is('CVE-1', 'CVE-2'), resourceId: is('i-1', 'i-2') }],
  ['no vulnerability', [finding(undefined, 'i-1')], true, { title: is('undefined - a'), resourceId: is('i-1') }],
  ['too many', Array.from({ length: 11 }, (_, n) => finding('CVE-1', `i-${n}`)), true, undefined],
  ['not too many', Array.from({ length: 11 }, (_, n) => finding('CVE-1', `i-${n}`)), false, { vulnerabilityId: is('CVE-1') }],
])('%s', (_, findings, here, want) => expect(ruleFilters(findings, here)).toEqual(want));
