import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { call } from '../../api/client.ts';
import { may, useSession } from '../../api/session.ts';
import { findingFields } from '../../filter/fields.ts';
import { fromCriteria, toParams } from '../../filter/filter.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { Go } from '../../parts/Go.tsx';
import { Page } from '../../parts/Page.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { count, plural } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { useFlash } from '../../shell/frame.tsx';
import { Editor } from './Editor.tsx';
import { LocalTable, type LocalColumn } from '../../parts/LocalTable.tsx';
import { allFilters, read, words, write, type Action, type Saved } from './types.ts';

// Addresses: ?new=FILTER&action=NONE makes one, ?edit=ARN&new=FILTER changes
// one, ?action=NONE lists the saved views.
export default function Rules() {
  const [params, setParams] = useSearchParams();
  const navigate = useNavigate();
  const session = useSession().data;
  const query = useQuery({ queryKey: ['filters'], queryFn: ({ signal }) => allFilters(signal) });
  const action: Action = params.get('action') === 'NONE' ? 'NONE' : 'SUPPRESS';
  const editing = params.get('edit') ?? undefined;
  const draft = params.get('new') ?? undefined;
  const saved = query.data?.find((f) => f.arn === editing);
  const set = (values: Record<string, string | undefined>, replace = false) =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) after.delete(name);
        else after.set(name, value);
      }
      return after;
    }, { replace });
  const edit = (f: Saved) => set({ edit: f.arn, action: f.action === 'NONE' ? 'NONE' : undefined, new: write(fromCriteria(f.criteria, findingFields)) });

  const creating = draft !== undefined && !editing && may(session, 'inspector2:CreateFilter');
  const changing = saved !== undefined && may(session, 'inspector2:UpdateFilter');
  const filters = draft !== undefined ? read(draft) : saved ? fromCriteria(saved.criteria, findingFields) : {};
  // A rule makes findings suppressed, so that it cannot ask for those that are
  // active, as the list does from which it was made.
  if (creating && action === 'SUPPRESS') delete filters.findingStatus;
  const title = 'Suppression rules';
  const description = 'Rules that keep findings out of sight, and filters saved as views.';

  if (creating || changing) {
    return (
      <Page title={creating ? (action === 'NONE' ? 'New saved view' : 'New suppression rule') : saved!.name} crumbs={[{ text: title, href: '/rules' }]}>
        <Editor
          key={editing}
          saved={changing ? saved : undefined}
          action={action}
          onAction={(action) => set({ action: action === 'NONE' ? 'NONE' : undefined }, true)}
          filters={filters}
          onFilters={(filters) => set({ new: write(filters) }, true)}
          names={(query.data ?? []).filter((f) => f.arn !== editing).map((f) => f.name)}
          onDone={() => void navigate(action === 'NONE' ? '/rules?action=NONE' : '/rules')}
        />
      </Page>
    );
  }

  const of = (action: Action) => query.data?.filter((f) => f.action === action);
  const rows = of(action);
  const content = <List key={action} action={action} query={query} rows={rows} onEdit={edit} onNew={() => set({ new: '' })} />;
  const label = (text: string, of: Saved[] | undefined) => <>{text}{of && <Box variant="span" color="text-body-secondary" padding={{ left: 'xxs' }}><span className="numbers">{count(of.length)}</span></Box>}</>;
  return (
    <Page title={title} description={description}>
      <Tabs
        ariaLabel="Kinds of saved filters"
        activeTabId={action}
        onChange={({ detail }) => detail.activeTabId !== action && void navigate(detail.activeTabHref ?? '/rules')}
        tabs={[
          { id: 'SUPPRESS', href: '/rules', label: label('Suppression rules', of('SUPPRESS')), content: action === 'SUPPRESS' ? content : null },
          { id: 'NONE', href: '/rules?action=NONE', label: label('Saved views', of('NONE')), content: action === 'NONE' ? content : null },
        ]}
      />
    </Page>
  );
}

interface ListProps {
  action: Action;
  query: { isPending: boolean; isFetching: boolean; error: Error | null; refetch: () => unknown };
  rows: Saved[] | undefined;
  onEdit: (f: Saved) => void;
  onNew: () => void;
}

function List({ action, query, rows, onEdit, onNew }: ListProps) {
  const session = useSession().data;
  const [selected, select] = useState<Saved[]>([]);
  const [deleting, setDeleting] = useState(false);
  const suppress = action === 'SUPPRESS';
  const marked = selected.filter((f) => rows?.some((r) => r.arn === f.arn));
  const mayDelete = may(session, 'inspector2:DeleteFilter');
  const mayUpdate = may(session, 'inspector2:UpdateFilter');
  const mayCreate = may(session, 'inspector2:CreateFilter');
  const create = mayCreate && <Button variant="primary" onClick={onNew}>{suppress ? 'Create rule' : 'Create view'}</Button>;
  const columns: LocalColumn<Saved>[] = [
    { id: 'name', header: 'Name', width: 220, rowHeader: true, by: (f) => f.name, cell: (f) => (mayUpdate ? <Go to={`/rules?edit=${encodeURIComponent(f.arn)}${suppress ? '' : '&action=NONE'}`}>{f.name}</Go> : f.name) },
    { id: 'criteria', header: 'Findings that fit', width: 300, cell: (f) => <Conditions of={f} /> },
    ...(suppress ? [{ id: 'reason', header: 'Reason', width: 200, by: (f: Saved) => f.reason ?? '', cell: (f: Saved) => f.reason ?? '–' }] : []),
    { id: 'description', header: 'Description', width: 200, by: (f) => f.description ?? '', cell: (f) => f.description ?? '–' },
    { id: 'findings', header: 'Findings', width: 140, cell: (f) => <Go to={shownAt(f)} ariaLabel={`${suppress ? 'What it hides' : 'Open the view'}: ${f.name}`}>{suppress ? 'What it hides' : 'Open the view'}</Go> },
    { id: 'updated', header: 'Updated', width: 140, by: (f) => f.updatedAt, cell: (f) => <Time at={f.updatedAt} /> },
    { id: 'created', header: 'Created', width: 140, by: (f) => f.createdAt, cell: (f) => <Time at={f.createdAt} /> },
    { id: 'arn', header: 'ARN', width: 260, cell: (f) => <CopyId id={f.arn} /> },
  ];
  return (
    <>
      <LocalTable<Saved>
        name="rules"
        title={suppress ? 'Suppression rules' : 'Saved views'}
        one={suppress ? 'rule' : 'view'}
        id={(f) => f.arn}
        label={(f) => f.name}
        columns={columns}
        query={query}
        rows={rows}
        text={(f) => [f.name, f.reason, f.description, ...words(fromCriteria(f.criteria, findingFields))].join(' ')}
        sort="-updated"
        selected={marked}
        onSelect={mayDelete || mayUpdate ? select : undefined}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {mayUpdate && <Button disabled={marked.length !== 1} disabledReason="Select one." onClick={() => marked[0] && onEdit(marked[0])}>Change</Button>}
            {mayDelete && <Button disabled={marked.length === 0} disabledReason="Select what is to be deleted." onClick={() => setDeleting(true)}>Delete</Button>}
            {create}
          </SpaceBetween>
        }
        nothing={
          suppress
            ? { title: 'No suppression rules', text: 'No finding is hidden. A rule hides those that you have looked at and accept, such as one vulnerability in one repository.', action: create }
            : { title: 'No saved views', text: 'A view is a filter of findings under a name, to come back to.', action: create }
        }
      />
      {deleting && (
        <Delete
          filters={marked}
          onClose={(done) => {
            setDeleting(false);
            if (done) select([]);
          }}
        />
      )}
    </>
  );
}

// shownAt returns the address of the findings of a saved filter.
function shownAt(f: Saved): string {
  const filters = fromCriteria(f.criteria, findingFields);
  if (f.action === 'SUPPRESS') filters.findingStatus = [{ comparison: 'EQUALS', value: 'SUPPRESSED' }];
  const params = toParams(filters, findingFields);
  if ([...params].length === 0) params.set('all', '');
  return `/findings?${params}`;
}

function Conditions({ of }: { of: Saved }) {
  const all = words(fromCriteria(of.criteria, findingFields));
  return all.length === 0 ? <>All findings</> : <>{all.map((text) => <div key={text} className="break">{text}</div>)}</>;
}

function Delete({ filters, onClose }: { filters: Saved[]; onClose: (done: boolean) => void }) {
  const flash = useFlash();
  const client = useQueryClient();
  const suppress = filters[0]?.action === 'SUPPRESS';
  const what = filters.length === 1 ? `“${filters[0]!.name}”` : suppress ? plural(filters.length, 'rule') : plural(filters.length, 'view');
  const remove = useMutation({
    mutationFn: async () => {
      for (const { arn } of filters) await call('/filters/delete', { arn });
    },
    onSuccess: () => {
      flash({ type: 'success', content: `${what} ${filters.length === 1 ? 'has' : 'have'} been deleted.` });
      onClose(true);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['filters'] });
      void client.invalidateQueries({ queryKey: ['findings'] });
    },
  });
  return (
    <Modal
      visible
      header={`Delete ${what}?`}
      closeAriaLabel="Close"
      onDismiss={() => onClose(false)}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => onClose(false)}>Cancel</Button>
            <Button variant="primary" loading={remove.isPending} onClick={() => remove.mutate()}>Delete</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {remove.error && <Problem error={remove.error} />}
        <Box>
          {suppress
            ? 'Findings that it hides are active again, unless another rule hides them too, and are sent to the event sinks again.'
            : 'No finding changes. Addresses that were made from the view still work.'}
        </Box>
      </SpaceBetween>
    </Modal>
  );
}
