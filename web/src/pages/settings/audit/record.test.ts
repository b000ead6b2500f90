import { expect, test } from 'vitest';
import { query, readWhere } from './record.ts';

const now = new Date('2026-03-01T12:00:42Z');

test.each<[string, string | undefined, string]>([
  ['', undefined, 'limit=50'],
  ['action=assay:SignIn&result=Success', undefined, 'limit=50&action=assay%3ASignIn&result=Success'],
  ['from=-3600', 'abc', 'limit=50&from=2026-03-01T11%3A00%3A00.000Z&next=abc'],
  ['from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z', undefined, 'limit=50&from=2026-01-01T00%3A00%3A00Z&to=2026-01-02T00%3A00%3A00Z'],
])('%s', (address, next, want) => {
  expect(query(readWhere(new URLSearchParams(address)), now, 50, next).toString()).toBe(want);
});
