import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown, { type ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown';
import FormField from '@cloudscape-design/components/form-field';
import Input, { type InputProps } from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { call } from '../../api/client.ts';
import { may, useSession } from '../../api/session.ts';
import { findingFields } from '../../filter/fields.ts';
import { fromCriteria, toCriteria, toParams, type Filters } from '../../filter/filter.ts';
import { Problem } from '../../parts/Problem.tsx';
import { useFlash } from '../../shell/frame.tsx';
import { allFilters, words, write, type Saved } from '../rules/types.ts';

// Views is the menu of filters under a name. The one that was chosen last is in
// the address, as view=ARN.
export function Views({ filters }: { filters: Filters }) {
  const session = useSession().data;
  const client = useQueryClient();
  const navigate = useNavigate();
  const flash = useFlash();
  const [params, setParams] = useSearchParams();
  const arn = params.get('view') ?? undefined;
  const [wanted, want] = useState(false); // the menu is about to be opened
  const [dialog, setDialog] = useState<'save' | 'delete'>();
  const reads = may(session, 'inspector2:ListFilters');
  const query = useQuery({ queryKey: ['filters'], queryFn: ({ signal }) => allFilters(signal), enabled: reads && (wanted || arn !== undefined), staleTime: 30_000 });
  const views = query.data?.filter((f) => f.action === 'NONE').sort((a, b) => a.name.localeCompare(b.name));
  const current = views?.find((v) => v.arn === arn);
  const readOf = (v: Saved) => fromCriteria(v.criteria, findingFields);
  const changed = current !== undefined && write(readOf(current)) !== write(fromCriteria(toCriteria(filters, findingFields, new Date()), findingFields));

  const apply = (v: Saved) => {
    const after = toParams(readOf(v), findingFields);
    if (after.size === 0) after.set('all', '');
    const tab = params.get('tab');
    if (tab) after.set('tab', tab);
    after.set('view', v.arn);
    void navigate(`/findings?${after}`);
  };
  const choose = (view: string | undefined) =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      if (view === undefined) after.delete('view');
      else after.set('view', view);
      return after;
    }, { replace: true });
  const done = (text: string) => {
    flash({ type: 'success', content: text });
    void client.invalidateQueries({ queryKey: ['filters'] });
    setDialog(undefined);
  };
  const update = useMutation({
    mutationFn: (v: Saved) => call('/filters/update', { filterArn: v.arn, filterCriteria: toCriteria(filters, findingFields, new Date()) }),
    onSuccess: (_, v) => done(`The view “${v.name}” now has this filter.`),
    onError: (error, v) => flash({ type: 'error', header: `The view “${v.name}” could not be changed`, content: error.message }),
  });
  const remove = useMutation({
    mutationFn: (v: Saved) => call('/filters/delete', { arn: v.arn }),
    onSuccess: (_, v) => {
      choose(undefined);
      done(`The view “${v.name}” has been deleted.`);
    },
  });
  if (!reads) return null;

  const deeds: ButtonDropdownProps.Item[] = [
    ...(may(session, 'inspector2:CreateFilter') ? [{ id: 'save', text: 'Save as a view…' }] : []),
    ...(current && may(session, 'inspector2:UpdateFilter') ? [{ id: 'update', text: `Update “${current.name}” to this filter`, disabled: !changed, disabledReason: 'It has this filter.' }] : []),
    ...(current && may(session, 'inspector2:DeleteFilter') ? [{ id: 'delete', text: `Delete “${current.name}”…` }] : []),
  ];
  const items: ButtonDropdownProps.ItemOrGroup[] = [
    {
      text: 'Saved views',
      items: views?.length
        ? views.map((v): ButtonDropdownProps.Item => ({ id: v.arn, text: v.name, secondaryText: v.description || words(readOf(v)).join(', ') || 'All findings' }))
        : [{ id: 'none', text: query.error ? 'They could not be loaded' : views ? 'None yet' : 'Loading', disabled: true }],
    },
    ...(deeds.length > 0 ? [{ text: 'This filter', items: deeds }] : []),
  ];
  return (
    <span onPointerEnter={() => want(true)} onFocus={() => want(true)}>
      <ButtonDropdown
        items={items}
        loading={update.isPending}
        onItemClick={({ detail: { id } }) => {
          const view = views?.find((v) => v.arn === id);
          if (view) apply(view);
          else if (id === 'update' && current) update.mutate(current);
          else if (id === 'save' || id === 'delete') setDialog(id);
        }}
      >
        {current ? `View: ${current.name}${changed ? ' (changed)' : ''}` : 'Views'}
      </ButtonDropdown>
      {dialog === 'save' && (
        <Save
          filters={filters}
          onClose={() => setDialog(undefined)}
          onSaved={(name, arn) => {
            choose(arn);
            done(`The filter is saved as the view “${name}”.`);
          }}
        />
      )}
      {dialog === 'delete' && current && (
        <Modal
          visible
          header={`Delete “${current.name}”`}
          closeAriaLabel="Close"
          onDismiss={() => setDialog(undefined)}
          footer={<Foot onCancel={() => setDialog(undefined)}><Button variant="primary" loading={remove.isPending} onClick={() => remove.mutate(current)}>Delete</Button></Foot>}
        >
          <SpaceBetween size="m">
            <Box>The view goes, for all who use it. Findings stay as they are.</Box>
            {remove.error && <Problem error={remove.error} />}
          </SpaceBetween>
        </Modal>
      )}
    </span>
  );
}

const Foot = ({ onCancel, children }: { onCancel: () => void; children: ReactNode }) => (
  <Box float="right">
    <SpaceBetween direction="horizontal" size="xs">
      <Button variant="link" formAction="none" onClick={onCancel}>Cancel</Button>
      {children}
    </SpaceBetween>
  </Box>
);

// Save asks for the name of a new view.
function Save({ filters, onClose, onSaved }: { filters: Filters; onClose: () => void; onSaved: (name: string, arn: string) => void }) {
  const [name, setName] = useState('');
  const [tried, setTried] = useState(false);
  const input = useRef<InputProps.Ref>(null);
  useEffect(() => {
    const timer = setTimeout(() => input.current?.focus()); // after the dialogue has focused its first control
    return () => clearTimeout(timer);
  }, []);
  const wrong = name.trim() === '' ? 'Give it a name.' : name.trim().length > 128 ? 'At most 128 characters.' : '';
  const save = useMutation({
    mutationFn: () => call<{ arn: string }>('/filters/create', { name: name.trim(), action: 'NONE', filterCriteria: toCriteria(filters, findingFields, new Date()) }),
    onSuccess: ({ arn }) => onSaved(name.trim(), arn),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong === '') save.mutate();
  };
  const relative = JSON.stringify(filters).match(/"-\d+d"/) !== null;
  return (
    <Modal visible header="Save as a view" closeAriaLabel="Close" onDismiss={onClose}>
      <form onSubmit={submit} noValidate>
        <SpaceBetween size="l">
          <Box>{words(filters).join(', ') || 'All findings'}</Box>
          <FormField label="Name" stretch errorText={tried && wrong} constraintText={relative && 'Days ago are kept as a date: a saved filter does not move on.'}>
            <Input value={name} onChange={({ detail }) => setName(detail.value)} ref={input} ariaRequired />
          </FormField>
          {save.error && <Problem error={save.error} />}
          <Foot onCancel={onClose}><Button variant="primary" loading={save.isPending}>Save</Button></Foot>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
