// The filter of a suppression rule that hides chosen findings.
import type { Finding } from '../../api/types.ts';
import type { Filters, Text } from '../../filter/filter.ts';

export const most = 10; // values that a field of a rule may have

// ruleFilters returns the filter that fits the findings by vulnerability (by
// title, where one follows from no vulnerability) and, if here, resource.
// undefined: there are too many of them for one rule.
export function ruleFilters(findings: Finding[], here: boolean): Filters | undefined {
  const texts = (values: string[]): Text[] => [...new Set(values)].map((value) => ({ comparison: 'EQUALS', value }));
  const ids = findings.flatMap((f) => f.packageVulnerabilityDetails?.vulnerabilityId ?? []);
  const named = ids.length === findings.length;
  const filters: Filters = {
    ...(named ? { vulnerabilityId: texts(ids) } : { title: texts(findings.map((f) => f.title ?? '')) }),
    ...(here && { resourceId: texts(findings.flatMap((f) => f.resources.map((r) => r.id))) }),
  };
  return Object.values(filters).some((all) => all.length > most) ? undefined : filters;
}
