import Tabs from '@cloudscape-design/components/tabs';
import { useNavigate, useSearchParams } from 'react-router';
import { findingFields } from '../../filter/fields.ts';
import { fromParams, toParams } from '../../filter/filter.ts';
import { Page } from '../../parts/Page.tsx';
import { All } from './All.tsx';
import { groups } from './groups.ts';
import { Groups } from './Groups.tsx';

// List is the findings, one a row or by what they have in common. The filter
// stays when the tab changes; how the list was sorted and paged does not.
export function List() {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const chosen = groups.find((g) => g.id === params.get('tab'));
  const hrefOf = (tab: string) => {
    const after = toParams(fromParams(params, findingFields), findingFields);
    if (params.has('all')) after.set('all', '');
    if (params.has('view')) after.set('view', params.get('view')!);
    if (tab !== 'all') after.set('tab', tab);
    return `/findings${after.size > 0 ? `?${after}` : ''}`;
  };
  const tabs = [
    { id: 'all', label: 'All', content: chosen ? null : <All /> },
    ...groups.map((g) => ({ id: g.id, label: g.text, content: g === chosen ? <Groups key={g.id} group={g} /> : null })),
  ];
  return (
    <Page title="Findings" description="Vulnerabilities found in what Assay watches.">
      <Tabs
        ariaLabel="How findings are grouped"
        activeTabId={chosen?.id ?? 'all'}
        onChange={({ detail }) => void navigate(hrefOf(detail.activeTabId))}
        tabs={tabs}
      />
    </Page>
  );
}
