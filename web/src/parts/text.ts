// Numbers and names as text.

const numbers = new Intl.NumberFormat('en');
export const count = (n: number) => numbers.format(n);

// plural returns "1 finding" or "2 findings".
export const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${Math.floor((100 * part) / whole)}%`);

// named returns the name a person knows, or makes one of the API's:
// "SCAN_ON_PUSH" is "Scan on push".
export function named(value: string, names: Record<string, string> = {}): string {
  const lower = value.replaceAll('_', ' ').toLowerCase();
  return names[value] ?? lower.charAt(0).toUpperCase() + lower.slice(1);
}
