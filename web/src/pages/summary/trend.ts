import { count, plural } from '../../parts/text.ts';
import type { TrendDay } from './types.ts';

export const spans = [7, 30, 90] as const;
export type Span = (typeof spans)[number]; // days, today included

const second = 1000;
const dayLength = 86_400 * second;

// dateOf returns when a day of UTC begins.
export const dateOf = (day: string) => new Date(`${day}T00:00:00Z`);

const dayFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
export const dayText = (date: Date) => dayFormat.format(date);

export interface Trend {
  days: TrendDay[]; // recorded in the span, oldest first
  from: Date; // first day of the span
  to: Date; // last day of it
}

// trendOf returns what has been recorded in the days up to a time.
export function trendOf(all: TrendDay[], span: Span, now: Date): Trend {
  const today = dateOf(now.toISOString().slice(0, 10));
  const from = new Date(today.getTime() - (span - 1) * dayLength);
  return { days: all.filter(({ day }) => dateOf(day) >= from && dateOf(day) <= today), from, to: today };
}

// inWords says what has changed, and how far back is known.
export function inWords({ days, from }: Trend): string {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return 'Nothing has been recorded in this time.';
  const since = dateOf(first.day);
  const start = since > from ? `Recorded since ${dayText(since)} only. ` : '';
  const sum = (name: 'opened' | 'closed') => days.reduce((n, day) => n + day[name], 0);
  const moved = `${plural(sum('opened'), 'finding')} opened and ${count(sum('closed'))} closed.`;
  if (first === last) return start + moved;
  const change = last.CRITICAL - first.CRITICAL;
  const words = change === 0 ? 'as many as' : `${count(Math.abs(change))} ${change > 0 ? 'more' : 'fewer'} than`;
  return `${start}${count(last.CRITICAL)} critical, ${words} on ${dayText(since)}; ${moved}`;
}
