import Alert from '@cloudscape-design/components/alert';
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { call } from '../../api/client.ts';
import { Problem } from '../../parts/Problem.tsx';
import { plural } from '../../parts/text.ts';
import { useFlash } from '../../shell/frame.tsx';
import { scanTypes, serviceNames, switchTypes, type Account, type Failed, type Service } from './types.ts';

// useChange returns a change of accounts, after which all about them is loaded
// again.
export function useChange<A>(change: (argument: A) => Promise<unknown>, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: onDone,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['accounts'] });
      void client.invalidateQueries({ queryKey: ['coverage'] });
    },
  });
}

interface DialogProps {
  header: string;
  verb: string;
  busy: boolean;
  blocked?: string; // why it cannot be done yet
  error: Error | null;
  onDo: () => void;
  onClose: () => void;
  children: ReactNode;
}

// Dialog asks before something is changed.
export const Dialog = ({ header, verb, busy, blocked, error, onDo, onClose, children }: DialogProps) => (
  <Modal
    visible
    header={header}
    closeAriaLabel="Close"
    onDismiss={onClose}
    footer={
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={onClose}>Cancel</Button>
          <Button variant="primary" loading={busy} disabled={blocked !== undefined} disabledReason={blocked} onClick={onDo}>{verb}</Button>
        </SpaceBetween>
      </Box>
    }
  >
    <SpaceBetween size="m">
      {error && <Problem error={error} />}
      {children}
    </SpaceBetween>
  </Modal>
);

export const who = (accounts: Account[]) => (accounts.length === 1 ? (accounts[0]!.name ? `${accounts[0]!.name} (${accounts[0]!.id})` : accounts[0]!.id) : plural(accounts.length, 'account'));

// Switch switches scan types on or off.
export function Switch({ on, accounts, onClose }: { on: boolean; accounts: Account[]; onClose: () => void }) {
  const flash = useFlash();
  // Those are offered that change something, and chosen at first when they are
  // switched on.
  const offered = scanTypes.filter((t) => accounts.some((a) => (a.types[t.member] === 'ENABLED') !== on));
  const [chosen, choose] = useState<Service[]>(on ? offered.filter((t) => t.service !== 'LAMBDA_CODE').map((t) => t.service) : []);
  const change = useChange(async () => {
    const failed = await switchTypes(on, accounts.map((a) => a.id), chosen);
    tell(failed);
  }, onClose);
  const tell = (failed: Failed[]) => {
    const done = accounts.length - new Set(failed.map((f) => f.accountId)).size;
    const types = chosen.map((s) => serviceNames[s]).join(', ');
    if (done > 0) flash({ type: 'success', content: `${on ? 'Activated' : 'Deactivated'} for ${done === accounts.length ? who(accounts) : plural(done, 'account')}: ${types}.` });
    if (failed.length > 0) flash({ type: 'error', header: `Refused for ${plural(failed.length, 'account')}`, content: failed.map((f) => `${f.accountId}: ${f.errorMessage}`).join(' ') });
  };
  return (
    <Dialog
      header={`${on ? 'Activate' : 'Deactivate'} scan types of ${who(accounts)}`}
      verb={on ? 'Activate' : 'Deactivate'}
      busy={change.isPending}
      blocked={chosen.length === 0 ? 'Choose a scan type.' : undefined}
      error={change.error}
      onDo={() => change.mutate(undefined)}
      onClose={onClose}
    >
      {offered.length === 0 && <Box>{on ? 'All scan types are on.' : 'No scan type is on.'}</Box>}
      <SpaceBetween size="xs">
        {offered.map((t) => (
          <Checkbox key={t.service} checked={chosen.includes(t.service)} description={t.means} onChange={({ detail }) => choose(detail.checked ? [...chosen, t.service] : chosen.filter((s) => s !== t.service))}>
            {t.text}
          </Checkbox>
        ))}
      </SpaceBetween>
      {!on && <Alert type="warning">Nothing of these types is scanned any more, and what was found is deleted a day later. Activated again before that, all of it comes back.</Alert>}
    </Dialog>
  );
}

// Remove takes members out of the organisation.
export function Remove({ accounts, onClose }: { accounts: Account[]; onClose: () => void }) {
  const flash = useFlash();
  const change = useChange(async () => {
    for (const { id } of accounts) await call('/members/disassociate', { accountId: id });
    flash({ type: 'success', content: `${who(accounts)} ${accounts.length === 1 ? 'is' : 'are'} no longer administered from here.` });
  }, onClose);
  return (
    <Dialog header={`Remove ${who(accounts)}?`} verb="Remove" busy={change.isPending} error={change.error} onDo={() => change.mutate(undefined)} onClose={onClose}>
      <Box>{accounts.length === 1 ? 'It stands alone then: its' : 'They stand alone then: their'} scans go on, but you no longer see the findings, and your suppression rules no longer hold there.</Box>
    </Dialog>
  );
}

// Pick asks for the id of an account.
export function Pick({ label, value, onChange, candidates, problem }: { label: string; value: string; onChange: (id: string) => void; candidates: Account[]; problem?: string }) {
  return (
    <FormField label={label} constraintText="12 digits." errorText={problem}>
      <Autosuggest
        value={value}
        onChange={({ detail }) => onChange(detail.value)}
        options={candidates.map((a) => ({ value: a.id, description: a.name }))}
        enteredTextLabel={(text) => `Use ${text}`}
        empty="No account is known."
        ariaLabel={label}
      />
    </FormField>
  );
}

export const isAccount = (id: string) => /^\d{12}$/.test(id.trim());

// AddMember attaches an account to the administrator.
export function AddMember({ candidates, onClose }: { candidates: Account[]; onClose: () => void }) {
  const flash = useFlash();
  const [id, setId] = useState('');
  const change = useChange(async () => {
    await call('/members/associate', { accountId: id.trim() });
    flash({ type: 'success', content: `${id.trim()} is a member now.` });
  }, onClose);
  return (
    <Dialog header="Add a member" verb="Add" busy={change.isPending} blocked={isAccount(id) ? undefined : 'Enter the 12 digits of an account.'} error={change.error} onDo={() => change.mutate(undefined)} onClose={onClose}>
      <Box>You see the findings of members, and your suppression rules hold for them. A new member gets the scan types that are chosen for automatic activation.</Box>
      <Pick label="Account" value={id} onChange={setId} candidates={candidates} />
    </Dialog>
  );
}
