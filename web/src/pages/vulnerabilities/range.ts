import type { Range } from './types.ts';

// rangeText says which versions a range holds; "0" stands for the first there is.
export function rangeText({ introduced = '', fixed = '', lastAffected = '', text = '' }: Range): string {
  if (!introduced && !fixed && !lastAffected && text) return text; // single versions
  const first = introduced === '0' ? '' : introduced;
  const end = fixed ? `before ${fixed}` : lastAffected ? `up to ${lastAffected}` : '';
  if (first && first === lastAffected && !fixed) return `only ${first}`;
  if (first && end) return `from ${first}, ${end}`;
  if (first) return `from ${first}, no fix is known`;
  return end || 'all versions, no fix is known';
}

// idOf returns the id in what somebody typed or pasted, as publishers write it:
// letters are upper-case, but for those of GitHub's after "GHSA-".
export function idOf(text: string): string {
  const id = text.trim().split(/[\s/]+/).filter(Boolean).at(-1) ?? '';
  const [prefix = '', ...rest] = id.split('-');
  if (rest.length === 0) return id;
  return [prefix.toUpperCase(), ...(prefix.toUpperCase() === 'GHSA' ? rest.map((part) => part.toLowerCase()) : rest)].join('-');
}
