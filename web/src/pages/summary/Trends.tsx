import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { lazy, Suspense } from 'react';
import { count } from '../../parts/text.ts';
import { useChosen } from '../../parts/view.ts';
import { dateOf, dayText, inWords, spans, trendOf, type Trend } from './trend.ts';
import type { Summary } from './types.ts';

// The chart is large, and the rest of the page need not wait for it.
const Chart = lazy(() => import('./Chart.tsx'));

// Trends shows how many findings there were from day to day, as lines or as a
// table.
export function Trends({ summary }: { summary: Summary }) {
  const [days, setDays] = useChosen('days');
  const [form, setForm] = useChosen('trend');
  const span = spans.find((n) => String(n) === days) ?? 30;
  const trend = trendOf(summary.trend, span, new Date(summary.asOf));
  const asTable = form === 'table';
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={inWords(trend)}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <SegmentedControl
                label="Time" selectedId={String(span)} onChange={({ detail }) => setDays(detail.selectedId)}
                options={spans.map((n) => ({ id: String(n), text: `${n} days` }))}
              />
              <SegmentedControl
                label="Form" selectedId={asTable ? 'table' : 'chart'} onChange={({ detail }) => setForm(detail.selectedId === 'table' ? 'table' : undefined)}
                options={[{ id: 'chart', text: 'Chart' }, { id: 'table', text: 'Table' }]}
              />
            </SpaceBetween>
          }
        >
          Trend
        </Header>
      }
    >
      {asTable ? <Days trend={trend} /> : trend.days.length < 2 ? <TooShort trend={trend} /> : (
        <Suspense fallback={<div className="summary-chart"><Spinner /></div>}>
          <Chart trend={trend} shown={['CRITICAL', 'HIGH', 'MEDIUM']} />
        </Suspense>
      )}
    </Container>
  );
}

const TooShort = ({ trend }: { trend: Trend }) => (
  <Box textAlign="center" color="text-body-secondary" padding={{ vertical: 'l' }}>
    {trend.days.length === 0
      ? 'The number of findings is recorded every hour. The first day will be here within an hour.'
      : 'One day has been recorded. From the second day on there is a line; the table has the numbers of today.'}
  </Box>
);

const Days = ({ trend }: { trend: Trend }) => (
  <div className="summary-days" tabIndex={0} role="region" aria-label="Findings by day">
    <Table
      variant="embedded"
      contentDensity="compact"
      items={[...trend.days].reverse()}
      trackBy="day"
      ariaLabels={{ tableLabel: 'Findings by day' }}
      empty="Nothing has been recorded in this time."
      columnDefinitions={[
        { id: 'day', header: 'Day', isRowHeader: true, cell: (d) => <span className="nowrap">{dayText(dateOf(d.day))}</span> },
        { id: 'critical', header: 'Critical', cell: (d) => <span className="numbers">{count(d.CRITICAL)}</span> },
        { id: 'high', header: 'High', cell: (d) => <span className="numbers">{count(d.HIGH)}</span> },
        { id: 'medium', header: 'Medium', cell: (d) => <span className="numbers">{count(d.MEDIUM)}</span> },
        { id: 'opened', header: 'Opened', cell: (d) => <span className="numbers">{count(d.opened)}</span> },
        { id: 'closed', header: 'Closed', cell: (d) => <span className="numbers">{count(d.closed)}</span> },
      ]}
    />
  </div>
);
