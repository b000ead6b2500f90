import Autosuggest from '@cloudscape-design/components/autosuggest';
import DateRangePicker, { type DateRangePickerProps } from '@cloudscape-design/components/date-range-picker';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Select from '@cloudscape-design/components/select';
import { useEffect, useState } from 'react';
import { useSession } from '../../../api/session.ts';
import { named } from '../../../parts/text.ts';
import type { Where } from './record.ts';

const results = ['Success', 'AccessDeniedException', 'ValidationException', 'ResourceNotFoundException', 'ConflictException', 'ThrottlingException', 'UnrecognizedClientException', 'ExpiredTokenException', 'InternalServerException'];
const resultOptions = [{ value: '', label: 'Any' }, ...results.map((value) => ({ value, label: named(value.replace('Exception', '').replace(/([a-z])([A-Z])/g, '$1_$2')), labelTag: value === 'Success' ? undefined : value }))];

const spans: DateRangePickerProps.RelativeOption[] = [
  { key: 'hour', amount: 1, unit: 'hour', type: 'relative' },
  { key: 'day', amount: 24, unit: 'hour', type: 'relative' },
  { key: 'week', amount: 7, unit: 'day', type: 'relative' },
  { key: 'month', amount: 30, unit: 'day', type: 'relative' },
];
const seconds: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800, month: 2_592_000, year: 31_536_000 };

function toRange({ from, to }: Where): DateRangePickerProps.Value | null {
  if (/^-\d+$/.test(from) && !to) {
    const known = spans.find((s) => s.amount * seconds[s.unit]! === -Number(from));
    return known ?? { type: 'relative', amount: -Number(from) / 60, unit: 'minute' };
  }
  return from && to ? { type: 'absolute', startDate: from, endDate: to } : null;
}

function fromRange(value: DateRangePickerProps.Value | null): Pick<Where, 'from' | 'to'> {
  if (!value) return { from: '', to: '' };
  if (value.type === 'relative') return { from: `-${value.amount * seconds[value.unit]!}`, to: '' };
  return { from: new Date(value.startDate).toISOString(), to: new Date(value.endDate).toISOString() };
}

// Filter says which records are looked for.
export function Filter({ where, onChange }: { where: Where; onChange: (where: Where) => void }) {
  const known = useSession().data?.actions ?? [];
  const [typed, type] = useState(where.action);
  useEffect(() => type(where.action), [where.action]);
  const take = (action: string) => action !== where.action && onChange({ ...where, action: action.trim() });
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, xs: 5 } }, { colspan: { default: 12, xs: 3 } }, { colspan: { default: 12, xs: 4 } }]}>
      <FormField label="Action" stretch>
        <Autosuggest
          value={typed} options={known.map((value) => ({ value }))} placeholder="Any, such as assay:CreateKey" enteredTextLabel={(text) => `Use “${text}”`} ariaLabel="Action"
          empty="No action is named so" onChange={({ detail }) => (detail.value === '' ? (type(''), take('')) : type(detail.value))} onSelect={({ detail }) => take(detail.value)} onBlur={() => take(typed)}
        />
      </FormField>
      <FormField label="Result" stretch>
        <Select selectedOption={resultOptions.find((o) => o.value === where.result) ?? { value: where.result, label: where.result }} options={resultOptions} onChange={({ detail }) => onChange({ ...where, result: detail.selectedOption.value ?? '' })} />
      </FormField>
      <FormField label="Time" stretch>
        <DateRangePicker
          value={toRange(where)} relativeOptions={spans} placeholder="Any time" expandToViewport
          isValidRange={(range) => (range?.type === 'absolute' && !(range.startDate < range.endDate) ? { valid: false, errorMessage: 'Choose a beginning and an end, the beginning first.' } : { valid: true })}
          onChange={({ detail }) => onChange({ ...where, ...fromRange(detail.value) })}
          i18nStrings={{ formatRelativeRange: (range) => `Last ${range.amount === 1 ? '' : `${range.amount} `}${range.unit}${range.amount === 1 ? '' : 's'}` }}
        />
      </FormField>
    </Grid>
  );
}
