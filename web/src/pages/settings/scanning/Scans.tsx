import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { named } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { problem, useAct } from '../common/act.ts';
import { Dialog } from '../common/Dialog.tsx';
import { wrongWith } from '../common/wrong.ts';
import { scanningQuery } from './query.ts';
import { Section } from './Section.tsx';

const durations = (values: string[]) => values.map((value) => ({ value, label: duration(value) }));
const duration = (value: string | undefined) => (value === undefined ? '–' : value === 'LIFETIME' ? 'As long as they are there' : `${value.replace('DAYS_', '')} days`);
const days = ['DAYS_3', 'DAYS_7', 'DAYS_14', 'DAYS_30', 'DAYS_60', 'DAYS_90', 'DAYS_180'];
const pullModes = [
  { value: 'LAST_PULL_DATE', label: 'Last pull', description: 'Counted from when the image was last pulled' },
  { value: 'LAST_IN_USE_AT', label: 'Last use', description: 'Counted from when a container of the image last ran' },
];
const modes = [
  { value: 'EC2_HYBRID', label: 'Hybrid', description: 'By their agent, and without one where there is none' },
  { value: 'EC2_SSM_AGENT_BASED', label: 'Agent only', description: 'Only hosts with an agent' },
];

// Scans shows the configuration of image and host scans.
export function Scans() {
  const session = useSession().data;
  const query = useQuery({ ...scanningQuery, enabled: may(session, 'inspector2:GetConfiguration') });
  const [edited, edit] = useState<'images' | 'hosts'>();
  const images = query.data?.configuration?.ecrConfiguration?.rescanDurationState;
  const hosts = query.data?.configuration?.ec2Configuration?.scanModeState;
  const can = may(session, 'inspector2:UpdateConfiguration');
  const admin = session?.delegatedAdministrator;
  // Whether this account is a member is known to the server alone: it says so.
  const whose = !admin ? 'It holds for this account.'
    : admin === session?.account ? 'This account is the delegated administrator: what is set here holds for all members that have nothing of their own.'
    : `Of a member, only the delegated administrator, ${admin}, may change it.`;
  return (
    <SpaceBetween size="l">
      <Section title="Images" description={`For how long images of registries are scanned again when more becomes known. ${whose}`} query={query} edit={can ? () => edit('images') : undefined}>
        {() => (
          <KeyValuePairs
            columns={4}
            items={[
              { label: 'After a push', value: duration(images?.rescanDuration) },
              { label: images?.pullDateRescanMode === 'LAST_IN_USE_AT' ? 'After the last use' : 'After a pull', value: duration(images?.pullDateRescanDuration) },
              { label: 'Counted from', value: pullModes.find((m) => m.value === images?.pullDateRescanMode)?.label ?? '–' },
              { label: 'Changed', value: <>{images?.updatedAt ? <Time at={images.updatedAt} /> : 'Never'}{images?.status && images.status !== 'SUCCESS' && ` (${named(images.status).toLowerCase()})`}</> },
            ]}
          />
        )}
      </Section>
      <Section title="Hosts" description={`How hosts are scanned. ${whose}`} query={query} edit={can ? () => edit('hosts') : undefined}>
        {() => {
          const mode = modes.find((m) => m.value === hosts?.scanMode);
          return <KeyValuePairs columns={2} items={[{ label: 'Scan mode', value: mode?.label ?? hosts?.scanMode ?? '–' }, { label: 'What it means', value: mode?.description ?? '–' }]} />;
        }}
      </Section>
      {edited === 'images' && <ImagesDialog push={images?.rescanDuration ?? 'DAYS_14'} pull={images?.pullDateRescanDuration ?? 'DAYS_14'} mode={images?.pullDateRescanMode ?? 'LAST_PULL_DATE'} onClose={() => edit(undefined)} />}
      {edited === 'hosts' && <HostsDialog mode={hosts?.scanMode ?? 'EC2_HYBRID'} onClose={() => edit(undefined)} />}
    </SpaceBetween>
  );
}

function ImagesDialog({ push, pull, mode, onClose }: { push: string; pull: string; mode: string; onClose: () => void }) {
  const [s, setState] = useState({ push, pull, mode });
  const save = useAct(
    () => call('/configuration/update', { ecrConfiguration: { rescanDuration: s.push, pullDateRescanDuration: s.pull, pullDateRescanMode: s.mode } }),
    { refresh: ['scanning'], quiet: true, done: () => 'The durations are changed. Images whose time is over leave coverage; others come back.', then: onClose },
  );
  const wrong = wrongWith(save.error, ['rescanDuration', 'pullDateRescanDuration', 'pullDateRescanMode']);
  const after = durations(['LIFETIME', ...days]);
  return (
    <Dialog title="How long images are scanned again" verb="Save" busy={save.isPending} onDo={() => save.mutate()} onClose={onClose}>
      {problem(wrong, 'Nothing was changed')}
      <Box>An image is scanned again as long as one of the two times is not over.</Box>
      <FormField label="After a push" errorText={wrong.on('rescanDuration')}>
        <Select selectedOption={after.find((o) => o.value === s.push) ?? null} options={after} onChange={({ detail }) => setState({ ...s, push: detail.selectedOption.value ?? push })} />
      </FormField>
      <FormField label="After a pull or the last use" errorText={wrong.on('pullDateRescanDuration')}>
        <Select selectedOption={durations(days).find((o) => o.value === s.pull) ?? null} options={durations(days)} onChange={({ detail }) => setState({ ...s, pull: detail.selectedOption.value ?? pull })} />
      </FormField>
      <FormField label="Counted from" errorText={wrong.on('pullDateRescanMode')}>
        <RadioGroup value={s.mode} items={pullModes} onChange={({ detail }) => setState({ ...s, mode: detail.value })} />
      </FormField>
    </Dialog>
  );
}

function HostsDialog({ mode, onClose }: { mode: string; onClose: () => void }) {
  const [chosen, choose] = useState(mode);
  const save = useAct(() => call('/configuration/update', { ec2Configuration: { scanMode: chosen } }), { refresh: ['scanning'], quiet: true, done: () => 'The scan mode is changed.', then: onClose });
  const wrong = wrongWith(save.error, ['scanMode']);
  return (
    <Dialog title="How hosts are scanned" verb="Save" busy={save.isPending} onDo={() => save.mutate()} onClose={onClose}>
      {problem(wrong, 'Nothing was changed')}
      <FormField label="Scan mode" errorText={wrong.on('scanMode')}>
        <RadioGroup value={chosen} items={modes} onChange={({ detail }) => choose(detail.value)} />
      </FormField>
    </Dialog>
  );
}
