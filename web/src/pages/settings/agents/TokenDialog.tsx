import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { call } from '../../../api/client.ts';
import { useSession } from '../../../api/session.ts';
import { Command } from '../../../parts/Copy.tsx';
import { plural } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { problem, useAct } from '../common/act.ts';
import { Dialog } from '../common/Dialog.tsx';
import { AccountField } from '../common/Sub.tsx';
import { numberOf, wrongWith } from '../common/wrong.ts';
import type { Enrollment } from './token.ts';

const lives = [['1', 'An hour'], ['24', 'A day'], ['168', 'A week'], ['720', '30 days'], ['8760', 'A year']].map(([value, label]) => ({ value: value!, label: label! }));

// labelsOf reads lines and words such as "team=shop".
const labelsOf = (text: string) => Object.fromEntries(text.split(/[\s,]+/).filter(Boolean).map((word) => [word.split('=', 1)[0], word.slice(word.indexOf('=') + 1 || word.length)]));

// TokenDialog makes a token.
export function TokenDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: Enrollment) => void }) {
  const [s, setState] = useState({ name: '', uses: '1', hours: '24', labels: '', account: '', heartbeat: '300', full: '720' });
  const set = (change: Partial<typeof s>) => setState((before) => ({ ...before, ...change }));
  const make = useAct(
    () => call<Enrollment>('/assay/v1/enrollments', {
      name: s.name.trim(), uses: numberOf('uses', s.uses), hours: Number(s.hours), labels: labelsOf(s.labels), heartbeatSeconds: numberOf('heartbeatSeconds', s.heartbeat), fullMinutes: numberOf('fullMinutes', s.full),
      ...(s.account && { account: s.account }),
    }),
    { refresh: ['enrollments'], quiet: true, then: onMade },
  );
  const wrong = wrongWith(make.error, ['name', 'uses', 'hours', 'labels', 'account', 'heartbeatSeconds', 'fullMinutes']);
  return (
    <Dialog title="Make an enrolment token" verb="Make" busy={make.isPending} onDo={() => make.mutate()} onClose={onClose}>
      {problem(wrong, 'No token was made')}
      <FormField label="Name" description="For people." errorText={wrong.on('name')}>
        <Input value={s.name} placeholder="web servers" onChange={({ detail }) => set({ name: detail.value })} />
      </FormField>
      <FormField label="Hosts" description="How many may enrol with it." errorText={wrong.on('uses')}>
        <Input value={s.uses} inputMode="numeric" onChange={({ detail }) => set({ uses: detail.value })} />
      </FormField>
      <FormField label="Valid for" errorText={wrong.on('hours')}>
        <Select selectedOption={lives.find((l) => l.value === s.hours) ?? null} options={lives} onChange={({ detail }) => set({ hours: detail.selectedOption.value ?? '24' })} />
      </FormField>
      <AccountField value={s.account} onChange={(account) => set({ account })} error={wrong.on('account')} description="Whose the hosts are." />
      <FormField label="Labels" description="Become tags of the hosts. Commas or spaces between them." errorText={wrong.on('labels')}>
        <Input value={s.labels} placeholder="team=shop stage=live" spellcheck={false} onChange={({ detail }) => set({ labels: detail.value })} />
      </FormField>
      <ExpandableSection headerText="How often the hosts report" defaultExpanded={Boolean(wrong.on('heartbeatSeconds') ?? wrong.on('fullMinutes'))}>
        <SpaceBetween size="l">
          <FormField label="Seconds between two signs of life" description="From 1 to 3,600. Changes are told at once, whatever this is." errorText={wrong.on('heartbeatSeconds')}>
            <Input value={s.heartbeat} inputMode="numeric" onChange={({ detail }) => set({ heartbeat: detail.value })} />
          </FormField>
          <FormField label="Minutes between two whole inventories" description="From 30 to 720." errorText={wrong.on('fullMinutes')}>
            <Input value={s.full} inputMode="numeric" onChange={({ detail }) => set({ full: detail.value })} />
          </FormField>
        </SpaceBetween>
      </ExpandableSection>
    </Dialog>
  );
}

const loopback = /^https?:\/\/(localhost|127\.|\[::1\])/;

// Install shows with which commands hosts enrol.
export function Install({ of: { token = '', uses, expires } }: { of: Enrollment }) {
  const url = useSession().data?.url ?? window.location.origin;
  return (
    <SpaceBetween size="m">
      <Box>On the host, as root, with <Box variant="code">assay-agent</Box> and its unit from the release in place. The token is for {plural(uses, 'host')} and ends <Time at={expires} />.</Box>
      <Command text={`export ASSAY_AGENT_TOKEN=${token}\nassay-agent enroll --server ${url}\nsystemctl enable --now assay-agent`} label="Copy the commands that enrol a host" />
      {loopback.test(url) && <Alert type="info">Other machines do not reach {url}. Start the server with an address that they do reach: <Box variant="code">assay serve --listen 0.0.0.0:8480 --url https://…</Box></Alert>}
      {url.startsWith('https:') && <Box color="text-body-secondary">With a certificate that the host does not trust, add <Box variant="code">--server-ca FILE</Box> to the second line.</Box>}
    </SpaceBetween>
  );
}
