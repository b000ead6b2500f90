import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { call } from '../../api/client.ts';
import type { Counts } from '../../api/types.ts';
import { findingFields } from '../../filter/fields.ts';
import { toCriteria, toParams, type Filters, type Text } from '../../filter/filter.ts';
import { Go } from '../../parts/Go.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { SeverityBar } from '../../parts/Severity.tsx';
import { count } from '../../parts/text.ts';

const only = (status: string): Text => ({ comparison: 'EQUALS', value: status });

// Preview shows what a filter fits now. A suppression rule hides those that are
// active.
export function Preview({ filters, suppress }: { filters: Filters; suppress: boolean }) {
  const settled = useSettled(filters, 400);
  const shown = useMemo<Filters>(() => (suppress ? { ...settled, findingStatus: [only('ACTIVE')] } : settled), [settled, suppress]);
  const filterCriteria = useMemo(() => toCriteria(shown, findingFields, new Date()), [shown]);
  const query = useQuery({
    queryKey: ['findings', 'counts', filterCriteria],
    queryFn: ({ signal }) => call<{ counts: Counts }>('/assay/v1/findings/counts', { filterCriteria }, signal),
    placeholderData: keepPreviousData,
  });
  if (query.error) return <Problem error={query.error} header="What it fits could not be counted" retry={() => void query.refetch()} />;
  if (!query.data) return <StatusIndicator type="loading">Counting</StatusIndicator>;
  const { counts } = query.data;
  const n = `${count(counts.total)}${counts.more ? ' or more' : ''}`;
  return (
    <div aria-live="polite">
      <SpaceBetween size="s">
        <Box>
          {suppress ? 'Would hide ' : 'Fits '}
          <b className="numbers">{n}</b> {counts.total === 1 && !counts.more ? 'finding' : 'findings'}{suppress ? ' that are active now, and those to come.' : ' now.'}{' '}
          {counts.total > 0 && <Go to={`/findings?${toParams(shown, findingFields)}`}>See them</Go>}
        </Box>
        <SeverityBar counts={counts} />
      </SpaceBetween>
    </div>
  );
}

// useSettled returns a value once it has not changed for a while, in
// milliseconds.
function useSettled<T>(value: T, wait: number): T {
  const text = JSON.stringify(value);
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), wait);
    return () => clearTimeout(timer);
  }, [text, wait]);
  return useMemo(() => JSON.parse(settled) as T, [settled]);
}
