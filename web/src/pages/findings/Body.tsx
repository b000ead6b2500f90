import Tabs, { type TabsProps } from '@cloudscape-design/components/tabs';
import { may, useSession } from '../../api/session.ts';
import type { Finding } from '../../api/types.ts';
import { Command } from '../../parts/Copy.tsx';
import { useChosen } from '../../parts/view.ts';
import './findings.css';
import { Overview } from './Overview.tsx';
import { Score } from './Score.tsx';
import { Why } from './Why.tsx';

// Body is all that is known of a finding, in tabs; which one is in the address.
export function Body({ of, variant }: { of: Finding; variant?: TabsProps.Variant }) {
  const session = useSession().data;
  const [tab, choose] = useChosen('show');
  const tabs = [
    { id: 'overview', label: 'Overview', content: <Overview of={of} /> },
    ...(of.packageVulnerabilityDetails ? [{ id: 'score', label: 'Score', content: <Score of={of} /> }] : []),
    ...(may(session, 'assay:GetFindingReasons') ? [{ id: 'why', label: 'Why', content: <Why arn={of.findingArn} /> }] : []),
    { id: 'json', label: 'JSON', content: <Command text={JSON.stringify(of, null, 2)} label="Copy the JSON" /> },
  ];
  const active = tabs.some((t) => t.id === tab) ? tab! : 'overview';
  return (
    <Tabs
      variant={variant}
      ariaLabel="What is known of the finding"
      activeTabId={active}
      onChange={({ detail }) => choose(detail.activeTabId === 'overview' ? undefined : detail.activeTabId)}
      tabs={tabs.map((t) => ({ ...t, content: t.id === active ? t.content : null }))}
    />
  );
}
