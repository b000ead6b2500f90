import DatePicker from '@cloudscape-design/components/date-picker';
import Input from '@cloudscape-design/components/input';
import PropertyFilter, { type PropertyFilterProps } from '@cloudscape-design/components/property-filter';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
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
  const [asked, ask] = useState<{ field: string; prefix: string }>();
  const suggested = useQuery({
    queryKey: ['values', asked?.field, asked?.prefix],
    queryFn: ({ signal }) => get<{ values: string[] }>(`/assay/v1/values?${new URLSearchParams({ field: asked!.field, prefix: asked!.prefix, limit: '20' })}`, signal),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const properties = useMemo(() => fields.filter((f) => f.kind !== 'raw').map(property), [fields]);
  const tokens = useMemo(() => toTokens(filters, fields), [filters, fields]);
  const options = useMemo(() => {
    const known = fields.flatMap(({ name, values = [] }) => values.map(({ value, label }) => ({ propertyKey: name, value, label })));
    const chosen = tokens.flatMap(({ propertyKey, value }) =>
      Array.isArray(value) && !fields.find((f) => f.name === propertyKey)?.values ? value.map((v: string) => ({ propertyKey: propertyKey!, value: v })) : [],
    );
    const found = asked && !suggested.isPlaceholderData ? (suggested.data?.values ?? []).map((value) => ({ propertyKey: asked.field, value })) : [];
    const all = [...known, ...chosen, ...found] as PropertyFilterProps.FilteringOption[];
    return [...new Map(all.map((o) => [`${o.propertyKey}=${o.value}`, o])).values()];
  }, [fields, tokens, asked, suggested.data, suggested.isPlaceholderData]);

  const load = ({ detail }: { detail: PropertyFilterProps.LoadItemsDetail }) => {
    const field = fields.find((f) => f.name === detail.filteringProperty?.key);
    if (field?.kind === 'text' && !field.values) ask({ field: field.name, prefix: detail.filteringText });
    else ask(undefined);
  };
  const loading = asked !== undefined && suggested.isFetching;
  return (
    <PropertyFilter
      query={{ tokens: tokens as PropertyFilterProps.Token[], operation: 'and' }}
      onChange={({ detail }) => onChange(fromTokens(detail.tokens as Token[], fields))}
      filteringProperties={properties}
      filteringOptions={options}
      onLoadItems={load}
      filteringStatusType={loading ? 'loading' : suggested.error && asked ? 'error' : 'finished'}
      filteringLoadingText="Looking for values"
      filteringErrorText="No values could be looked up."
      filteringRecoveryText="Try again"
      filteringEmpty="No values are known. Type one and press Enter."
      filteringPlaceholder={placeholder}
      filteringAriaLabel={placeholder}
      countText={count}
      hideOperations
      expandToViewport
      tokenLimit={6}
      customGroupsText={[...new Set(fields.map((f) => f.group))].map((group) => ({ group, properties: group, values: group }))}
    />
  );
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
    case 'date':
      return { ...base, defaultOperator: '>=', operators: ['>=', '<='].map((operator) => ({ operator, form: DateForm, format: day })), groupValuesLabel: label };
    default:
      return { ...base, defaultOperator: '>=', operators: ['>=', '<='].map((operator) => ({ operator, form: NumberForm })), groupValuesLabel: label };
  }
}

const recent = [['-1d', 'a day ago'], ['-7d', '7 days ago'], ['-30d', '30 days ago'], ['-90d', '90 days ago']] as const;
const day = (value: unknown) => recent.find(([v]) => v === value)?.[1] ?? String(value ?? '');

type FormProps = PropertyFilterProps.ExtendedOperatorFormProps<string>;

function DateForm({ value, onChange, filter }: FormProps) {
  const text = value ?? filter ?? '';
  const known = recent.find(([v]) => v === text);
  return (
    <SpaceBetween size="s">
      <Select
        ariaLabel="How long ago"
        placeholder="How long ago"
        selectedOption={known ? { value: known[0], label: known[1] } : null}
        options={recent.map(([value, label]) => ({ value, label }))}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? null)}
      />
      <DatePicker
        ariaLabel="Or a day"
        placeholder="YYYY/MM/DD"
        value={/^\d{4}-\d\d-\d\d/.test(text) ? text.slice(0, 10) : ''}
        onChange={({ detail }) => onChange(detail.value)}
        openCalendarAriaLabel={(chosen) => (chosen ? `Choose a day, ${chosen} is chosen` : 'Choose a day')}
      />
    </SpaceBetween>
  );
}

const NumberForm = ({ value, onChange, filter }: FormProps) => (
  <Input ariaLabel="Number" type="number" step="any" value={value ?? filter ?? ''} onChange={({ detail }) => onChange(detail.value)} />
);
