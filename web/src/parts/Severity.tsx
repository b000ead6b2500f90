import Badge, { type BadgeProps } from '@cloudscape-design/components/badge';
import { severities, severityNames, type SeverityName } from '../filter/fields.ts';
import { count } from './text.ts';

const colours: Record<SeverityName, BadgeProps['color']> = {
  CRITICAL: 'severity-critical',
  HIGH: 'severity-high',
  MEDIUM: 'severity-medium',
  LOW: 'severity-low',
  INFORMATIONAL: 'severity-neutral',
  UNTRIAGED: 'grey',
};

// Severity is a severity in its colour and its name.
export const Severity = ({ of }: { of: SeverityName }) => <Badge color={colours[of] ?? 'grey'}>{severityNames[of] ?? of}</Badge>;

interface BarProps {
  counts: Partial<Record<SeverityName | 'OTHER', number>> & { more?: boolean }; // OTHER: below medium, not told apart
  chosen?: string[]; // severities that the list is narrowed to
  onChoose?: (severity: SeverityName) => void;
}

// SeverityBar shows how many findings are of each severity; with onChoose each
// is a button.
export function SeverityBar({ counts, chosen = [], onChoose }: BarProps) {
  const shown = severities.filter((s) => s !== 'UNTRIAGED' || (counts[s] ?? 0) > 0);
  const other = counts.OTHER ?? 0;
  const number = (s: SeverityName | 'OTHER') => count(counts[s] ?? 0) + (counts.more ? '+' : '');
  return (
    <div role="group" aria-label="Findings by severity">
      <div className="severity-bar" aria-hidden="true">
        {shown.map((s) => (counts[s] ?? 0) > 0 && <span key={s} className={s} style={{ flexGrow: counts[s] }} />)}
        {other > 0 && <span className="LOW" style={{ flexGrow: other }} />}
        {other === 0 && shown.every((s) => !counts[s]) && <span className="none" style={{ flexGrow: 1 }} />}
      </div>
      <div className="severity-counts">
        {shown.map((s) =>
          onChoose ? (
            <button key={s} type="button" aria-pressed={chosen.includes(s)} onClick={() => onChoose(s)}>
              <Severity of={s} /> <span className="numbers">{number(s)}</span>
            </button>
          ) : (
            <span key={s} className="one"><Severity of={s} /> <span className="numbers">{number(s)}</span></span>
          ),
        )}
        {other > 0 && <span className="one"><Badge color="grey">Low or less</Badge> <span className="numbers">{number('OTHER')}</span></span>}
      </div>
    </div>
  );
}

