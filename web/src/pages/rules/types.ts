// Source: API reference of Amazon Inspector, Filter.
import { get } from '../../api/client.ts';
import type { Seconds } from '../../api/types.ts';
import { findingFields, type Field } from '../../filter/fields.ts';
import { fromParams, toParams, toTokens, type Criteria, type Filters } from '../../filter/filter.ts';

export type Action = 'SUPPRESS' | 'NONE';

export interface Saved {
  arn: string;
  ownerId: string;
  name: string;
  criteria: Criteria;
  action: Action;
  createdAt: Seconds;
  updatedAt: Seconds;
  description?: string;
  reason?: string;
}

// allFilters returns all that are saved: an account has at most 500.
export const allFilters = async (signal?: AbortSignal): Promise<Saved[]> =>
  (await get<{ filters?: { filters: Saved[] } }>('/assay/v1/views/filters', signal)).filters?.filters ?? [];

// write and read give a filter as one text, as the member "new" of an address
// has it.
export const write = (filters: Filters): string => toParams(filters, findingFields).toString();
export const read = (text: string | undefined): Filters => fromParams(new URLSearchParams(text ?? ''), findingFields);

const signs: Record<string, string> = { '=': '=', '!=': '≠', '^': 'starts with', '>=': '≥', '<=': '≤', ':': 'in' };

// words returns the conditions of a filter for people.
export function words(filters: Filters, fields: Field[] = findingFields): string[] {
  return toTokens(filters, fields).map(({ propertyKey, operator, value }) => {
    const field = fields.find((f) => f.name === propertyKey);
    const values = [value].flat().map((v) => field?.values?.find((o) => o.value === v)?.label ?? String(v));
    return `${field?.label ?? propertyKey} ${signs[operator] ?? operator} ${values.join(', ')}`;
  });
}
