import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useRef, type ReactNode } from 'react';
import type { Finding } from '../../api/types.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Go } from '../../parts/Go.tsx';
import { findingPath } from '../../parts/links.ts';
import { Problem } from '../../parts/Problem.tsx';
import { Panel } from '../../shell/frame.tsx';
import { Body } from './Body.tsx';
import { useFinding } from './query.ts';
import { titleOf } from './words.ts';

interface Props {
  arn: string;
  known?: Finding; // if the list has it
  actions?: (finding: Finding) => ReactNode;
  onClose: () => void;
}

// Beside shows a finding beside the list that it was chosen in.
export function Beside({ arn, known, actions, onClose }: Props) {
  const query = useFinding(arn, known);
  const finding = known ?? query.data;
  return (
    <Panel header={finding ? titleOf(finding) : 'Finding'} onClose={onClose}>
      <Focused arn={arn} onClose={onClose}>
        {finding ? (
          <SpaceBetween size="s">
            <SpaceBetween direction="horizontal" size="m" alignItems="center">
              <Go to={findingPath(arn)}>Open as a page</Go>
              {actions?.(finding)}
            </SpaceBetween>
            <Body of={finding} />
          </SpaceBetween>
        ) : query.error ? (
          <Problem error={query.error} retry={() => void query.refetch()} />
        ) : finding === null ? (
          <Empty title="There is no such finding" text="It may have been closed and removed since, or belong to an account that you do not see." />
        ) : (
          <StatusIndicator type="loading">Loading the finding</StatusIndicator>
        )}
      </Focused>
    </Panel>
  );
}

// Focused gets the focus when a finding is chosen, but not when the page is
// loaded with one; Escape closes it, and the focus returns to the list.
function Focused({ arn, onClose, children }: { arn: string; onClose: () => void; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (document.activeElement && document.activeElement !== document.body) box.current?.focus({ preventScroll: true });
    return () => {
      // Once the panel has gone, and the focus with it.
      setTimeout(() => {
        if (document.activeElement === null || document.activeElement === document.body) document.querySelector<HTMLElement>(`[data-finding="${CSS.escape(arn)}"]`)?.focus();
      });
    };
  }, [arn]);
  return (
    <div
      ref={box}
      tabIndex={-1}
      role="group"
      aria-label="Details of the finding"
      className="finding-panel"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose();
      }}
    >
      {children}
    </div>
  );
}
