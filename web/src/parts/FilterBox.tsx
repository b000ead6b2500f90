import Button from '@cloudscape-design/components/button';
import Calendar from '@cloudscape-design/components/calendar';
import Input from '@cloudscape-design/components/input';
import PropertyFilter, { type PropertyFilterProps } from '@cloudscape-design/components/property-filter';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { get } from '../api/client.ts';
import type { Field } from '../filter/fields.ts';
import { fromTokens, toTokens, type Filters, type Token } from '../filter/filter.ts';

interface Props {
  fields: Field[];
  filters: Filters;
  onChange: (filters: Filters) => void;
  placeholder?: string;
  count?: string; // of what passes, such as "12 matches"
}

// FilterBox lets a person filter a list by every field there is. Values are
// suggested by the server, from what it has stored.
export function FilterBox({ fields, filters, onChange, placeholder = 'Filter', count }: Props) {
  const [asked, ask] = useState<{ field: string; prefix: string; from?: string }>();
  const suggested = useQuery({
    queryKey: ['values', asked?.from, asked?.prefix],
    queryFn: ({ signal }) => get<{ values: string[] }>(`/assay/v1/values?${new URLSearchParams({ field: asked!.from!, prefix: asked!.prefix, limit: '20' })}`, signal),
    enabled: asked?.from !== undefined,
    staleTime: 60_000,
    retry: false, // suggestions are no more than a help
  });
  const properties = useMemo(() => fields.filter((f) => f.kind !== 'raw').map(property), [fields]);
  const tokens = useMemo(() => toTokens(filters, fields), [filters, fields]);
  const options = useMemo(() => {
    const known = fields.flatMap(({ name, values = [] }) => values.map(({ value, label }) => ({ propertyKey: name, value, label })));
    const chosen = tokens.flatMap(({ propertyKey, value }) =>
      Array.isArray(value) && !fields.find((f) => f.name === propertyKey)?.values ? value.map((v: string) => ({ propertyKey: propertyKey!, value: v })) : [],
    );
    // What is typed can be chosen too: not all values are known.
    const found = asked ? [asked.prefix, ...(suggested.data?.values ?? [])].filter((v) => v !== '').map((value) => ({ propertyKey: asked.field, value })) : [];
    const all = [...known, ...chosen, ...found] as PropertyFilterProps.FilteringOption[];
    return [...new Map(all.map((o) => [`${o.propertyKey}=${o.value}`, o])).values()];
  }, [fields, tokens, asked, suggested.data]);

  const load = ({ detail }: { detail: PropertyFilterProps.LoadItemsDetail }) => {
    const field = fields.find((f) => f.name === detail.filteringProperty?.key);
    if (!field || field.values || (field.kind !== 'text' && field.kind !== 'tag')) ask(undefined);
    else ask({ field: field.name, prefix: detail.filteringText.trim(), from: suggestedFrom(field.name) });
  };
  const loading = asked?.from !== undefined && suggested.isFetching;
  return (
    <PropertyFilter
      query={{ tokens: tokens as PropertyFilterProps.Token[], operation: 'and' }}
      onChange={({ detail }) => onChange(fromTokens(detail.tokens as Token[], fields))}
      filteringProperties={properties}
      filteringOptions={options}
      onLoadItems={load}
      filteringStatusType={loading ? 'loading' : 'finished'}
      filteringLoadingText="Looking for values"
      filteringEmpty="No values are known. Type one and press Enter."
      filteringPlaceholder={placeholder}
      filteringAriaLabel={placeholder}
      countText={count}
      hideOperations
      tokenLimit={6}
      customGroupsText={[...new Set(fields.map((f) => f.group))].map((group) => ({ group, properties: group, values: group }))}
    />
  );
}

// suggestedFrom returns the field whose values the server suggests for a field;
// of packages it knows the names.
function suggestedFrom(name: string): string | undefined {
  const [outer, inner] = name.split('.');
  return inner === undefined || inner === 'name' ? outer : undefined;
}

const list = (field: Field) => (value: unknown) =>
  [value].flat().map((v) => field.values?.find((o) => o.value === v)?.label ?? String(v)).join(', ');

function property(field: Field): PropertyFilterProps.FilteringProperty {
  const { name, label, group, kind, prefix } = field;
  const base = { key: name, propertyLabel: label, groupValuesLabel: `${label}: values`, group };
  switch (kind) {
    case 'text': {
      const operators = prefix ? ['=', '!=', '^'] : ['=', '!='];
      return { ...base, operators: operators.map((operator) => ({ operator, tokenType: 'enum', format: list(field) }) as PropertyFilterProps.ExtendedOperator<string[]>) };
    }
    case 'tag':
      return { ...base, operators: [{ operator: '=', tokenType: 'enum' }] };
    default: {
      const form = kind === 'date' ? DateForm : NumberForm;
      return {
        ...base, groupValuesLabel: label, defaultOperator: '>=',
        operators: [
          { operator: '>=', form, format: end, description: kind === 'date' ? 'Since' : 'At least' },
          { operator: '<=', form, format: end, description: kind === 'date' ? 'Until' : 'At most' },
          { operator: ':', form: SpanForm, format: (value: unknown) => String(value ?? '').split('..').map(end).join(' – '), description: 'Between' },
        ],
      };
    }
  }
}

const recent = [['-1d', 'a day ago'], ['-7d', '7 days ago'], ['-30d', '30 days ago'], ['-90d', '90 days ago']] as const;
const end = (value: unknown) => recent.find(([v]) => v === value)?.[1] ?? String(value ?? '');

type FormProps = PropertyFilterProps.ExtendedOperatorFormProps<string>;

function DateForm({ value, onChange, filter }: FormProps) {
  const text = value ?? filter ?? '';
  return (
    <SpaceBetween size="s">
      <Input ariaLabel="Day" placeholder="2026-01-31" value={text} onChange={({ detail }) => onChange(detail.value)} />
      <SpaceBetween size="s" direction="horizontal">
        {recent.map(([days, name]) => <Button key={days} variant="inline-link" onClick={() => onChange(days)}>{name}</Button>)}
      </SpaceBetween>
      <Calendar value={/^\d{4}-\d\d-\d\d/.test(text) ? text.slice(0, 10) : ''} onChange={({ detail }) => onChange(detail.value)} />
    </SpaceBetween>
  );
}

const NumberForm = ({ value, onChange, filter }: FormProps) => (
  <Input ariaLabel="Number" type="number" step="any" value={value ?? filter ?? ''} onChange={({ detail }) => onChange(detail.value)} />
);

const SpanForm = ({ value, onChange, filter }: FormProps) => (
  <Input ariaLabel="From and to" placeholder="from..to" value={value ?? filter ?? ''} onChange={({ detail }) => onChange(detail.value)} />
);
