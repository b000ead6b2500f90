import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, get, send } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { Command, CopyId } from '../../../parts/Copy.tsx';
import { Time } from '../../../parts/Time.tsx';
import { useChosen } from '../../../parts/view.ts';
import { problem, useAct } from '../common/act.ts';
import { Confirm, Dialog, Once } from '../common/Dialog.tsx';
import { List, type ListColumn } from '../common/List.tsx';
import { AccountField } from '../common/Sub.tsx';
import { wrongWith } from '../common/wrong.ts';
import { roleName, type SignIn } from './key.ts';
import { RoleField } from './KeyDialog.tsx';

const kind = (s: SignIn) => (s.unusedLink ? 'Link, not used yet' : 'Session');

// SessionList is who is signed in to the page, and the links that nobody has
// used yet.
export function SessionList() {
  const session = useSession().data;
  const query = useQuery({ queryKey: ['sessions'], queryFn: async ({ signal }) => (await get<{ sessions: SignIn[] }>('/assay/v1/sessions', signal)).sessions, refetchInterval: 30_000 });
  const [open, setOpen] = useChosen('new');
  const [made, setMade] = useState<{ name: string; url: string }>();
  const [ended, end] = useState<SignIn>();
  const remove = useAct((s: SignIn) => send('DELETE', `/assay/v1/sessions/${encodeURIComponent(s.id)}`), { refresh: ['sessions'], quiet: true, done: (_, s) => (s.unusedLink ? `The link for ${s.name} no longer works.` : `${s.name} is signed out.`), then: () => end(undefined) });
  const columns: ListColumn<SignIn>[] = [
    { id: 'name', header: 'Who', width: 200, rowHeader: true, by: (s) => s.name, cell: (s) => <span className="break">{s.name}</span> },
    { id: 'kind', header: 'What', width: 180, by: kind, cell: (s) => <StatusIndicator type={s.unusedLink ? 'pending' : 'success'}>{kind(s)}</StatusIndicator> },
    { id: 'role', header: 'Role', width: 140, by: (s) => s.role, cell: (s) => roleName(s.role) },
    { id: 'created', header: 'Since', width: 140, by: (s) => s.created, cell: (s) => <Time at={s.created} /> },
    { id: 'expires', header: 'Ends', width: 140, by: (s) => s.expires, cell: (s) => <Time at={s.expires} /> },
    { id: 'id', header: 'ID', width: 200, cell: (s) => <CopyId id={s.id} /> },
    ...(session?.management ? [{ id: 'account', header: 'Account', width: 175, by: (s: SignIn) => s.account, cell: (s: SignIn) => <CopyId id={s.account} /> }] : []),
    ...(may(session, 'assay:EndSession') ? [{ id: 'actions', header: 'Actions', width: 95, cell: (s: SignIn) => <Button variant="inline-link" ariaLabel={`End: ${kind(s)} of ${s.name}`} onClick={() => end(s)}>End</Button> }] : []),
  ];
  const add = may(session, 'assay:CreateSignIn') && <Button variant="primary" onClick={() => setOpen('1')}>Make a sign-in link</Button>;
  return (
    <>
      <List
        title="Sessions" id={(s) => s.id} columns={columns} query={query} rows={query.data} sort="-created" actions={add}
        description="Who is signed in to this page, and links that nobody has used yet. A session lasts 12 hours."
        text={(s) => `${s.name} ${kind(s)} ${roleName(s.role)} ${s.account} ${s.id}`}
        nothing={{ title: 'No sessions', text: 'Nobody is signed in to the page with this account.', action: add }}
      />
      {open && may(session, 'assay:CreateSignIn') && (
        <LinkDialog
          onClose={() => setOpen(undefined)}
          onMade={(link) => {
            setOpen(undefined);
            setMade(link);
          }}
        />
      )}
      {made && (
        <Once title={`Sign-in link for ${made.name}`} onClose={() => setMade(undefined)}>
          <Box>Whoever opens it first is signed in as {made.name}. It works once, within 24 hours.</Box>
          <Command text={made.url} label="Copy the link" />
        </Once>
      )}
      {ended && (
        <Confirm title={ended.unusedLink ? `Take back the link for ${ended.name}?` : `Sign ${ended.name} out?`} verb={ended.unusedLink ? 'Take back' : 'Sign out'} act={remove} onDo={() => remove.mutate(ended)} onClose={() => end(undefined)}>
          {ended.unusedLink ? 'Nobody can sign in with it any more.' : `What ${ended.name} does next in the page leads to signing in again. If it is your own session, that is you.`}
        </Confirm>
      )}
    </>
  );
}

function LinkDialog({ onClose, onMade }: { onClose: () => void; onMade: (link: { name: string; url: string }) => void }) {
  const [s, setState] = useState({ name: '', role: 'reader', account: '' });
  const set = (change: Partial<typeof s>) => setState((before) => ({ ...before, ...change }));
  const make = useAct(() => call<{ url: string }>('/assay/v1/sessions', { name: s.name.trim(), role: s.role, ...(s.account && { account: s.account }) }), { refresh: ['sessions'], quiet: true, then: ({ url }) => onMade({ name: s.name.trim(), url }) });
  const wrong = wrongWith(make.error, ['name', 'role', 'account']);
  return (
    <Dialog title="Make a sign-in link" verb="Make" busy={make.isPending} onDo={() => make.mutate()} onClose={onClose}>
      {problem(wrong, 'No link was made')}
      <FormField label="For whom" description="The audit log names it." errorText={wrong.on('name')}>
        <Input value={s.name} placeholder="Ada" spellcheck={false} onChange={({ detail }) => set({ name: detail.value })} />
      </FormField>
      <RoleField value={s.role} onChange={(role) => set({ role })} error={wrong.on('role')} />
      <AccountField value={s.account} onChange={(account) => set({ account })} error={wrong.on('account')} />
    </Dialog>
  );
}
