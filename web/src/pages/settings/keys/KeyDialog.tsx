import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { call } from '../../../api/client.ts';
import { useSession } from '../../../api/session.ts';
import { Command, CopyId } from '../../../parts/Copy.tsx';
import { problem, useAct } from '../common/act.ts';
import { Dialog } from '../common/Dialog.tsx';
import { AccountField } from '../common/Sub.tsx';
import { wrongWith } from '../common/wrong.ts';
import { roleName, roles, type Key } from './key.ts';

const lives = [['0', 'Never'], ['12', 'In 12 hours'], ['720', 'In 30 days'], ['2160', 'In 90 days'], ['8760', 'In a year']].map(([value, label]) => ({ value: value!, label: label! }));

export const RoleField = ({ value, onChange, error }: { value: string; onChange: (role: string) => void; error?: string }) => (
  <FormField label="Role" description="No more than the holder needs." errorText={error}>
    <Select selectedOption={roles.find((r) => r.value === value) ?? null} options={roles} onChange={({ detail }) => onChange(detail.selectedOption.value ?? 'reader')} />
  </FormField>
);

// KeyDialog makes an access key.
export function KeyDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: Key) => void }) {
  const [s, setState] = useState({ name: '', role: 'reader', account: '', hours: '0', subject: '', temporary: false });
  const set = (change: Partial<typeof s>) => setState((before) => ({ ...before, ...change }));
  const make = useAct(
    () => call<Key>('/assay/v1/keys', { name: s.name.trim(), role: s.role, ...(s.account && { account: s.account }), ...(s.hours !== '0' && { hours: Number(s.hours) }), ...(s.subject.trim() && { subject: s.subject.trim() }), ...(s.temporary && { temporary: true }) }),
    { refresh: ['keys'], quiet: true, then: onMade },
  );
  const wrong = wrongWith(make.error, ['name', 'role', 'account', 'hours', 'subject', 'temporary', 'expires']);
  return (
    <Dialog title="Make an access key" verb="Make" busy={make.isPending} onDo={() => make.mutate()} onClose={onClose}>
      {problem(wrong, 'No key was made')}
      <FormField label="Holder" description="A person, or what the key is for. The audit log names it." errorText={wrong.on('name')}>
        <Input value={s.name} placeholder="ada" spellcheck={false} onChange={({ detail }) => set({ name: detail.value })} />
      </FormField>
      <RoleField value={s.role} onChange={(role) => set({ role })} error={wrong.on('role')} />
      <AccountField value={s.account} onChange={(account) => set({ account })} error={wrong.on('account')} description="Whose findings and scans the holder works with." />
      <FormField label="Ends" errorText={wrong.on('hours') ?? wrong.on('expires')}>
        <Select selectedOption={lives.find((l) => l.value === s.hours) ?? null} options={lives} onChange={({ detail }) => set({ hours: detail.selectedOption.value ?? '0' })} />
      </FormField>
      <ExpandableSection headerText="More" defaultExpanded={Boolean(wrong.on('subject') ?? wrong.on('temporary'))}>
        <SpaceBetween size="l">
          <FormField label="Only for one resource" description="Scan results and functions of any other are refused. Empty: any." errorText={wrong.on('subject')}>
            <Input value={s.subject} spellcheck={false} onChange={({ detail }) => set({ subject: detail.value })} />
          </FormField>
          <FormField errorText={wrong.on('temporary')}>
            <Checkbox checked={s.temporary} description="Valid only together with a session token, as those of AWS STS. It must end." onChange={({ detail }) => set({ temporary: detail.checked, ...(detail.checked && s.hours === '0' && { hours: '12' }) })}>Temporary</Checkbox>
          </FormField>
        </SpaceBetween>
      </ExpandableSection>
    </Dialog>
  );
}

// Secret shows a key that was just made, and how it is used.
export function Secret({ of: k }: { of: Key }) {
  const session = useSession().data;
  const region = session?.region ?? '';
  const lines = [`export AWS_ACCESS_KEY_ID=${k.id}`, `export AWS_SECRET_ACCESS_KEY=${k.secret ?? ''}`, ...(k.session ? [`export AWS_SESSION_TOKEN=${k.session}`] : []), `export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`];
  return (
    <SpaceBetween size="m">
      <KeyValuePairs
        columns={1}
        items={[
          { label: 'Access key ID', value: <CopyId id={k.id} /> },
          { label: 'Secret access key', value: <CopyId id={k.secret ?? ''} /> },
          ...(k.session ? [{ label: 'Session token', value: <span className="break"><CopyId id={k.session} /></span> }] : []),
          { label: 'Role', value: roleName(k.role) },
        ]}
      />
      <Box>For a terminal or CI:</Box>
      <Command text={lines.join('\n')} label="Copy the key as environment variables" />
      <Command text={`aws inspector2 list-findings --endpoint-url ${session?.url ?? window.location.origin}`} label="Copy the command that lists findings" />
    </SpaceBetween>
  );
}
