import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { may } from '../../api/session.ts';
import type { Session } from '../../api/types.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { count } from '../../parts/text.ts';
import { useFlash } from '../../shell/frame.tsx';
import { Dialog, isAccount, Pick, useChange } from './Change.tsx';
import { scanTypes, type Account, type Auto, type Organization, type ScanType } from './types.ts';

interface Props {
  session: Session;
  query: { error: Error | null; refetch: () => unknown };
  of: Organization | undefined;
}

export function OrganizationTab({ session, query, of }: Props) {
  const [dialog, show] = useState<'name' | 'end'>();
  if (query.error) return <Problem error={query.error} retry={() => void query.refetch()} />;
  if (!of) return <Box padding="l" textAlign="center"><Spinner /> Loading the organisation</Box>;
  const admin = of.accounts.find((a) => a.id === of.administrator);
  const mayName = session.management && may(session, 'inspector2:EnableDelegatedAdminAccount');
  const mayEnd = session.management && may(session, 'inspector2:DisableDelegatedAdminAccount');
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description="The one account that sees the findings of all members, and decides what is scanned and suppressed for them."
            actions={of.administrator ? mayEnd && <Button onClick={() => show('end')}>End the delegation</Button> : mayName && <Button variant="primary" onClick={() => show('name')}>Choose an account</Button>}
          >
            Delegated administrator
          </Header>
        }
      >
        {of.administrator ? (
          <KeyValuePairs
            columns={3}
            items={[
              { label: 'Account', value: <CopyId id={of.administrator} /> },
              { label: 'Name', value: admin?.name ?? '–' },
              ...(of.administers ? [{ label: 'Members', value: <span className="numbers">{count(of.accounts.filter((a) => a.place === 'member').length)}{of.more && '+'}</span> }] : []),
            ]}
          />
        ) : (
          <Box color="text-body-secondary">There is none: each account sees its own findings only. {session.management ? '' : 'The management account can choose one.'}</Box>
        )}
      </Container>
      {of.administers && of.autoEnable && <AutoEnable session={session} stored={of.autoEnable} full={of.full} refetch={query.refetch} />}
      {!of.administers && of.administrator && <Box color="text-body-secondary">What new members get, the delegated administrator sees and decides.</Box>}
      {dialog === 'name' && <Choose candidates={of.accounts.filter((a) => !a.closed)} onClose={() => show(undefined)} />}
      {dialog === 'end' && of.administrator && <End id={of.administrator} onClose={() => show(undefined)} />}
    </SpaceBetween>
  );
}

function Choose({ candidates, onClose }: { candidates: Account[]; onClose: () => void }) {
  const flash = useFlash();
  const [id, setId] = useState('');
  const change = useChange(async () => {
    await call('/delegatedadminaccounts/enable', { delegatedAdminAccountId: id.trim() });
    flash({ type: 'success', content: `${id.trim()} is the delegated administrator now. It adds members itself.` });
  }, onClose);
  return (
    <Dialog header="Choose the delegated administrator" verb="Choose" busy={change.isPending} blocked={isAccount(id) ? undefined : 'Enter the 12 digits of an account.'} error={change.error} onDo={() => change.mutate(undefined)} onClose={onClose}>
      <Pick label="Account" value={id} onChange={setId} candidates={candidates} />
    </Dialog>
  );
}

function End({ id, onClose }: { id: string; onClose: () => void }) {
  const flash = useFlash();
  const change = useChange(async () => {
    await call('/delegatedadminaccounts/disable', { delegatedAdminAccountId: id });
    flash({ type: 'success', content: `${id} is no longer the delegated administrator.` });
  }, onClose);
  return (
    <Dialog header={`End the delegation to ${id}?`} verb="End it" busy={change.isPending} error={change.error} onDo={() => change.mutate(undefined)} onClose={onClose}>
      <Alert type="warning">It loses all its members. Their scans go on, but it no longer sees their findings, and its suppression rules no longer hold for them.</Alert>
    </Dialog>
  );
}

// AutoEnable is which scan types new members get.
function AutoEnable({ session, stored, full, refetch }: { session: Session; stored: Auto; full: boolean; refetch: () => unknown }) {
  const flash = useFlash();
  const mayChange = may(session, 'inspector2:UpdateOrganizationConfiguration');
  const [draft, setDraft] = useState<Auto>();
  const auto = draft ?? stored;
  const change = useChange(async () => {
    await call('/organizationconfiguration/update', { autoEnable: Object.fromEntries(scanTypes.map(({ member }) => [member, auto[member] ?? false])) });
    flash({ type: 'success', content: 'New members get these scan types from now on. Those that are members already stay as they are.' });
    await refetch();
    setDraft(undefined);
  }, () => {});
  const set = (member: ScanType['member'], on: boolean) =>
    setDraft({ ...auto, [member]: on, ...(member === 'lambdaCode' && on && { lambda: true }), ...(member === 'lambda' && !on && { lambdaCode: false }) });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Scan types that an account gets when it becomes a member."
          actions={
            mayChange && draft && (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={() => setDraft(undefined)}>Cancel</Button>
                <Button variant="primary" loading={change.isPending} onClick={() => change.mutate(undefined)}>Save</Button>
              </SpaceBetween>
            )
          }
        >
          Automatic activation
        </Header>
      }
    >
      <SpaceBetween size="m">
        {change.error && <Problem error={change.error} />}
        {full && <Alert type="warning">The organisation has as many members as it can have. New ones are refused.</Alert>}
        {scanTypes.map(({ member, text, means }) => (
          <Toggle key={member} checked={auto[member] ?? false} readOnly={!mayChange} description={means} onChange={({ detail }) => set(member, detail.checked)}>{text}</Toggle>
        ))}
      </SpaceBetween>
    </Container>
  );
}
