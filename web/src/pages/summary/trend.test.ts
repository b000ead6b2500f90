import { expect, test } from 'vitest';
import { dayText, inWords, trendOf } from './trend.ts';
import type { TrendDay } from './types.ts';

const day = (day: string, CRITICAL: number, opened = 0, closed = 0): TrendDay => ({ day, CRITICAL, HIGH: 0, MEDIUM: 0, opened, closed });
const now = new Date('2026-11-26T22:00:00Z');
const at = (day: string) => dayText(new Date(`${day}T00:00:00Z`));

test.each<[string, TrendDay[], string[], string]>([
  ['nothing', [], [], 'Nothing has been recorded in this time.'],
  ['nothing in this time', [day('2026-11-19', 1)], [], 'Nothing has been recorded in this time.'],
  ['one day', [day('2026-11-26', 2, 3, 1)], ['2026-11-26'], `Recorded since ${at('2026-11-26')} only. 3 findings opened and 1 closed.`],
  ['short', [day('2026-11-25', 2), day('2026-11-26', 5, 1, 2000)], ['2026-11-25', '2026-11-26'], `Recorded since ${at('2026-11-25')} only. 5 critical, 3 more than on ${at('2026-11-25')}; 1 finding opened and 2,000 closed.`],
  ['whole', [day('2026-11-19', 9), day('2026-11-20', 7), day('2026-11-26', 6)], ['2026-11-20', '2026-11-26'], `6 critical, 1 fewer than on ${at('2026-11-20')}; 0 findings opened and 0 closed.`],
  ['even', [day('2026-11-20', 7), day('2026-11-26', 7)], ['2026-11-20', '2026-11-26'], `7 critical, as many as on ${at('2026-11-20')}; 0 findings opened and 0 closed.`],
])('%s', (_, all, days, words) => {
  const trend = trendOf(all, 7, now);
  expect(trend.days.map((d) => d.day)).toEqual(days);
  expect(inWords(trend)).toBe(words);
});
