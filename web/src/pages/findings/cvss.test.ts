import { expect, test } from 'vitest';
import { metrics } from './cvss.ts';

test.each([
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:N', 'Network, Low, None, Required, Unchanged, High, Low, None'],
  ['CVSS:3.0/AV:P/AC:H/PR:H/UI:N/S:C/C:N/I:N/A:H', 'Physical, High, High, None, Changed, None, None, High'],
  ['CVSS:4.0/AV:N/AC:L/AT:P/PR:L/UI:A/VC:H/VI:N/VA:L/SC:N/SI:N/SA:N/E:A', 'Network, Low, Present, Low, Active, High, None, Low, None, None, None'],
  ['AV:N/AC:M/Au:N/C:P/I:C/A:N', 'Network, Medium, None, Partial, Complete, None'],
  ['CVSS:3.1/AV:N/AC:?/E:P', 'Network'],
  ['HIGH', ''],
  ['', ''],
])('%s', (vector, want) => expect(metrics(vector).map((m) => m.word).join(', ')).toBe(want));
