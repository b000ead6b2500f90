import ButtonDropdown, { type ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown';
import { useNavigate } from 'react-router';
import { may, useSession } from '../../api/session.ts';
import type { Finding } from '../../api/types.ts';
import { findingFields } from '../../filter/fields.ts';
import { toCriteria, type Filters } from '../../filter/filter.ts';
import { Command } from '../../parts/Copy.tsx';
import { useFlash, type Message } from '../../shell/frame.tsx';
import { write } from '../rules/types.ts';

// copy puts text into the clipboard; where the browser does not allow that, as
// without TLS, the message has it.
async function copy(text: string, flash: (message: Message) => void) {
  try {
    await navigator.clipboard.writeText(text);
    flash({ type: 'success', content: 'The filter is in the clipboard, as the filterCriteria of ListFindings.' });
  } catch {
    flash({ type: 'info', header: 'The browser does not let this page use the clipboard. This is the filter:', content: <Command text={text} /> });
  }
}

interface Props {
  filters: Filters;
  selected: Finding[];
  onSuppress: () => void;
}

const most = 10; // findings that a filter can name

// Actions is what can be done with the chosen findings, and with the filter.
export function Actions({ filters, selected, onSuppress }: Props) {
  const session = useSession().data;
  const navigate = useNavigate();
  const flash = useFlash();
  const go = (page: string, of: Filters) => void navigate(`${page}?new=${encodeURIComponent(write(of))}`);
  const suppresses = may(session, 'inspector2:CreateFilter');
  const exports = may(session, 'inspector2:CreateFindingsReport');
  const none = selected.length === 0;
  const chosen: ButtonDropdownProps.Item[] = [
    ...(suppresses ? [{ id: 'suppress', text: 'Suppress…', disabled: none, disabledReason: 'Select findings first.' }] : []),
    ...(exports ? [{ id: 'export', text: 'Export…', disabled: none || selected.length > most, disabledReason: none ? 'Select findings first.' : 'One export can name ten findings at most. Filter instead.' }] : []),
  ];
  const items: ButtonDropdownProps.ItemOrGroup[] = [
    ...(chosen.length > 0 ? [{ text: none ? 'Selected findings' : `Selected findings (${selected.length})`, items: chosen }] : []),
    {
      text: 'All that fit the filter',
      items: [
        ...(suppresses ? [{ id: 'rule', text: 'New suppression rule…' }] : []),
        ...(exports ? [{ id: 'export-all', text: 'Export…' }] : []),
        { id: 'copy', text: 'Copy as API filter' },
      ],
    },
  ];
  const act = (id: string) => {
    switch (id) {
      case 'suppress':
        return onSuppress();
      case 'export':
        return go('/exports', { findingArn: selected.map((f) => ({ comparison: 'EQUALS', value: f.findingArn })) });
      case 'rule':
        return go('/rules', filters);
      case 'export-all':
        return go('/exports', filters);
      default:
        return void copy(JSON.stringify(toCriteria(filters, findingFields, new Date())), flash);
    }
  };
  return <ButtonDropdown items={items} onItemClick={({ detail }) => act(detail.id)}>Actions</ButtonDropdown>;
}
