import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import { count, named, percent } from '../../parts/text.ts';
import type { TypeCoverage } from './types.ts';
import { reasonNames } from './words.ts';

// Why tells how much is scanned, and of the rest how many for which reason; a
// reason narrows the list to its resources.
export function Why({ of, onChoose }: { of: TypeCoverage[]; onChoose: (reason: string) => void }) {
  const total = of.reduce((n, s) => n + s.total, 0);
  if (total === 0) return null;
  const scanned = of.reduce((n, s) => n + s.scanned, 0);
  const reasons = new Map<string, number>();
  for (const { reason, resources } of of.flatMap((s) => s.reasons ?? [])) {
    if (reason !== 'SUCCESSFUL') reasons.set(reason, (reasons.get(reason) ?? 0) + resources);
  }
  return (
    <div role="group" aria-label="How much is scanned" style={{ display: 'flex', flexWrap: 'wrap', gap: '4px 16px', alignItems: 'baseline' }}>
      <Box variant="span">
        <b className="numbers">{percent(scanned, total)}</b> scanned <span className="numbers">({count(scanned)} of {count(total)})</span>
      </Box>
      {[...reasons].sort((a, b) => b[1] - a[1]).map(([reason, n]) => (
        <Link key={reason} variant="secondary" onFollow={() => onChoose(reason)}>
          {named(reason, reasonNames)}: <span className="numbers">{count(n)}</span>
        </Link>
      ))}
    </div>
  );
}
