const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const units: [Intl.RelativeTimeFormatUnit, number][] = [['year', 31_557_600], ['month', 2_629_800], ['week', 604_800], ['day', 86_400], ['hour', 3_600], ['minute', 60]];

// Time shows how long ago something was, and when exactly under the pointer. A
// number is seconds since 1970.
export function Time({ at, none = '–' }: { at: number | string | undefined | null; none?: string }) {
  if (at === undefined || at === null || at === '') return <>{none}</>;
  const date = new Date(typeof at === 'number' ? at * 1000 : at);
  if (Number.isNaN(date.getTime())) return <>{String(at)}</>;
  return <time className="nowrap" dateTime={date.toISOString()} title={exact.format(date)}>{ago(date, new Date())}</time>;
}

export function ago(date: Date, now: Date): string {
  const seconds = (date.getTime() - now.getTime()) / 1000;
  const unit = units.find(([, size]) => Math.abs(seconds) >= size);
  return unit ? relative.format(Math.round(seconds / unit[1]), unit[0]) : 'just now';
}
