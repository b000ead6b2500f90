import LineChart from '@cloudscape-design/components/line-chart';
import { severityNames } from '../../filter/fields.ts';
import { count } from '../../parts/text.ts';
import { dateOf, dayText, type Trend } from './trend.ts';

const lines = [['CRITICAL', 'var(--trend-critical)'], ['HIGH', 'var(--trend-high)'], ['MEDIUM', 'var(--trend-medium)']] as const;

// Chart draws the findings that were active at the end of each day.
export default function Chart({ trend, shown }: { trend: Trend; shown: string[] }) {
  const series = lines.filter(([severity]) => shown.includes(severity)).map(([severity, color]) => ({
    type: 'line' as const, title: severityNames[severity], color, valueFormatter: count,
    data: trend.days.map((day) => ({ x: dateOf(day.day), y: day[severity] })),
  }));
  const most = Math.max(4, ...series.flatMap(({ data }) => data.map(({ y }) => y)));
  return (
    <LineChart
      series={series}
      xScaleType="time"
      xDomain={[trend.from, trend.to]}
      yDomain={[0, most * 1.05]}
      xTickFormatter={dayText}
      yTickFormatter={(n) => (Number.isInteger(n) ? count(n) : '')}
      height={220}
      hideFilter
      ariaLabel="Active findings by day"
      ariaDescription="The same numbers are in the table."
      i18nStrings={{ chartAriaRoleDescription: 'line chart', xAxisAriaRoleDescription: 'days', yAxisAriaRoleDescription: 'findings', detailPopoverDismissAriaLabel: 'Close' }}
      detailPopoverSize="small"
      emphasizeBaselineAxis
    />
  );
}
