import { expect, test } from 'vitest';
import { idOf, rangeText } from './range.ts';

test.each([
  [{}, 'all versions, no fix is known'],
  [{ introduced: '0' }, 'all versions, no fix is known'],
  [{ introduced: '0', fixed: '1.2' }, 'before 1.2'],
  [{ introduced: '1.0', fixed: '1.2' }, 'from 1.0, before 1.2'],
  [{ introduced: '1.0', lastAffected: '1.2' }, 'from 1.0, up to 1.2'],
  [{ introduced: '1.0', lastAffected: '1.0' }, 'only 1.0'],
  [{ introduced: '1.0' }, 'from 1.0, no fix is known'],
  [{ lastAffected: '9' }, 'up to 9'],
  [{ text: '1.1, 1.2' }, '1.1, 1.2'],
  [{ fixed: '2', text: '<2' }, 'before 2'],
])('%o', (range, want) => expect(rangeText(range)).toBe(want));

test.each([
  [' cve-2021-44228 ', 'CVE-2021-44228'],
  ['https://nvd.nist.gov/vuln/detail/CVE-2021-44228', 'CVE-2021-44228'],
  ['ghsa-JFH8-c2jp-5v3q', 'GHSA-jfh8-c2jp-5v3q'],
  ['DSA-5139-1', 'DSA-5139-1'],
  ['RHSA-2021:5127', 'RHSA-2021:5127'],
  ['log4j', 'log4j'],
  ['', ''],
])('%s', (text, want) => expect(idOf(text)).toBe(want));
