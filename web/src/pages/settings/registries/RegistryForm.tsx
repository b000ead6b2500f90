import Alert from '@cloudscape-design/components/alert';
import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { send } from '../../../api/client.ts';
import { Page } from '../../../parts/Page.tsx';
import { problem, useAct } from '../common/act.ts';
import { Once } from '../common/Dialog.tsx';
import { AccountField, settingsCrumb } from '../common/Sub.tsx';
import { numberOf, wrongWith, type Wrong } from '../common/wrong.ts';
import { Hook } from './Hook.tsx';
import { formats, patterns, type Format, type Registry, type Scan } from './registry.ts';

interface Row {
  repositories: string;
  tags: string;
  scan: Scan;
}

const scans: { value: Scan; label: string; description: string }[] = [
  { value: 'enhanced', label: 'Enhanced', description: 'Packages of languages too; findings follow what becomes known later' },
  { value: 'basic', label: 'Basic', description: 'Once when pushed, packages of the operating system only' },
];

const gibibyte = 2 ** 30;

interface State {
  account: string;
  name: string;
  address: string;
  username: string;
  password: string;
  insecure: boolean;
  ca: string;
  rules: Row[];
  minutes: string;
  gibibytes: string;
  notifications: Format;
}

const first = (r: Registry | undefined): State => ({
  account: '', name: r?.name ?? '', address: r?.address ?? '', username: r?.username ?? '', password: '', insecure: r?.insecure ?? false, ca: r?.ca ?? '',
  rules: r?.rules.map((rule) => ({ repositories: rule.repositories.join(' '), tags: rule.tags?.join(' ') ?? '', scan: rule.scan })) ?? [{ repositories: '*', tags: '', scan: 'enhanced' }],
  minutes: String(r?.intervalMinutes ?? 60), gibibytes: String((r?.maxImageBytes ?? 50 * gibibyte) / gibibyte), notifications: r?.notifications ?? 'distribution',
});

// body is what the server is sent.
const body = (s: State) => ({
  name: s.name.trim(), address: s.address.trim(), insecure: s.insecure, rules: s.rules.map((r) => ({ repositories: patterns(r.repositories), tags: patterns(r.tags), scan: r.scan })),
  intervalMinutes: numberOf('intervalMinutes', s.minutes), maxImageBytes: Math.round(numberOf('maxImageBytes', s.gibibytes) * gibibyte), notifications: s.notifications,
  ...(s.username.trim() && { username: s.username.trim() }), ...(s.password && { password: s.password }), ...(s.ca.trim() && { ca: s.ca }), ...(s.account && { account: s.account }),
});

// RegistryForm adds a registry, or changes one.
export function RegistryForm({ before, onClose }: { before?: Registry; onClose: () => void }) {
  const [state, setState] = useState<State>(() => first(before));
  const [made, setMade] = useState<Registry>();
  const set = (change: Partial<State>) => setState((s) => ({ ...s, ...change }));
  const save = useAct(() => (before ? send<Registry>('PUT', `/assay/v1/registries/${before.id}`, body(state)) : send<Registry>('POST', '/assay/v1/registries', body(state))), {
    refresh: ['jobs', 'registries'], quiet: true,
    done: (r) => (before ? `${r.name} is changed, and is walked now.` : `${r.name} is added, and is walked now.`),
    then: (r) => (before ? onClose() : setMade(r)),
  });
  const fields = ['name', 'address', 'account', 'username', 'ca', 'rules', 'intervalMinutes', 'maxImageBytes', 'notifications', ...state.rules.flatMap((_, i) => ['repositories', 'tags', 'scan'].map((f) => `rules.${i + 1}.${f}`))];
  const wrong = wrongWith(save.error, fields);
  const forgets = before?.username && !state.password && (state.address.trim() !== before.address || state.username.trim() !== before.username || state.ca !== (before.ca ?? '') || (state.insecure && !before.insecure));
  const title = before ? `Edit ${before.name}` : 'Add a registry';

  return (
    <Page title={title} crumbs={[settingsCrumb, { text: 'Registries', href: '/settings/registries' }]}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!save.isPending) save.mutate();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" onClick={onClose}>Cancel</Button>
              <Button variant="primary" loading={save.isPending}>{before ? 'Save' : 'Add'}</Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            {problem(wrong, before ? 'Nothing was changed' : 'No registry was added')}
            <Container header={<Header variant="h2">Where it is</Header>}>
              <SpaceBetween size="l">
                <FormField label="Name" description="For people." errorText={wrong.on('name')}>
                  <Input value={state.name} autoFocus onChange={({ detail }) => set({ name: detail.value })} />
                </FormField>
                <FormField label="Address" description="Host, or host:port, as it stands before the names of its images." errorText={wrong.on('address')}>
                  <Input value={state.address} placeholder="registry.example.com" spellcheck={false} onChange={({ detail }) => set({ address: detail.value })} />
                </FormField>
                {!before && <AccountField value={state.account} onChange={(account) => set({ account })} error={wrong.on('account')} description="Whose the images are." />}
                <FormField label="User" description="Without one, images are read as anybody may." errorText={wrong.on('username')}>
                  <Input value={state.username} spellcheck={false} autoComplete={false} onChange={({ detail }) => set({ username: detail.value })} />
                </FormField>
                <FormField label="Password or token" description={before?.username ? 'Never shown. Empty: it stays as it is.' : 'Sealed, and never shown again.'}>
                  <Input type="password" value={state.password} autoComplete="new-password" onChange={({ detail }) => set({ password: detail.value })} />
                </FormField>
                {forgets && <Alert type="warning">A password goes to the place that it was given for, and nowhere else: after this change the one that is kept is forgotten. Give it again.</Alert>}
              </SpaceBetween>
            </Container>
            <Container header={<Header variant="h2" description="A star stands for any text. The first rule that fits an image holds; what no rule fits is left out.">Which images</Header>}>
              <Rules rows={state.rules} onChange={(rules) => set({ rules })} wrong={wrong} />
            </Container>
            <ExpandableSection variant="container" headerText="More" headerDescription="Time between two walks, trust, notifications" defaultExpanded={['ca', 'intervalMinutes', 'maxImageBytes', 'notifications'].some(wrong.on)}>
              <SpaceBetween size="l">
                <FormField label="Minutes between two walks" description="From 5 to 10,080, which is a week." errorText={wrong.on('intervalMinutes')}>
                  <Input value={state.minutes} inputMode="numeric" onChange={({ detail }) => set({ minutes: detail.value })} />
                </FormField>
                <FormField label="Largest image, in GiB" description="Of all layers as they are stored. Larger images are not scanned." errorText={wrong.on('maxImageBytes')}>
                  <Input value={state.gibibytes} inputMode="decimal" onChange={({ detail }) => set({ gibibytes: detail.value })} />
                </FormField>
                <FormField label="Notifications" description="In which format the registry says what was pushed." errorText={wrong.on('notifications')}>
                  <Select selectedOption={formats.find((f) => f.value === state.notifications) ?? null} options={formats} onChange={({ detail }) => set({ notifications: detail.selectedOption.value as Format })} />
                </FormField>
                <Checkbox checked={state.insecure} description="Plain HTTP, and certificates that nobody vouches for. Loopback and private addresses may speak plain HTTP anyway." onChange={({ detail }) => set({ insecure: detail.checked })}>
                  Allow connections that cannot be verified
                </Checkbox>
                <FormField label="Certificate authorities" description="PEM, besides those that the system trusts." errorText={wrong.on('ca')}>
                  <Textarea value={state.ca} rows={4} spellcheck={false} placeholder="-----BEGIN CERTIFICATE-----" onChange={({ detail }) => set({ ca: detail.value })} />
                </FormField>
              </SpaceBetween>
            </ExpandableSection>
          </SpaceBetween>
        </Form>
      </form>
      {made && <Once title={`Notifications of ${made.name}`} onClose={onClose}><Hook of={made} /></Once>}
    </Page>
  );
}

function Rules({ rows, onChange, wrong }: { rows: Row[]; onChange: (rows: Row[]) => void; wrong: Wrong }) {
  const change = (i: number, change: Partial<Row>) => onChange(rows.map((row, j) => (i === j ? { ...row, ...change } : row)));
  const swap = (i: number, j: number) => onChange(rows.map((row, k) => (k === i ? rows[j]! : k === j ? rows[i]! : row)));
  return (
    <FormField stretch errorText={wrong.on('rules')}>
      <AttributeEditor<Row>
        items={rows}
        addButtonText="Add a rule"
        removeButtonText="Remove"
        removeButtonAriaLabel={(row) => `Remove the rule for ${row.repositories}`}
        disableAddButton={rows.length >= 100}
        onAddButtonClick={() => onChange([...rows, { repositories: '', tags: '', scan: 'enhanced' }])}
        onRemoveButtonClick={({ detail }) => onChange(rows.filter((_, i) => i !== detail.itemIndex))}
        empty="No rules: no image is included."
        customRowActions={({ itemIndex: i, breakpoint: _ }) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName="arrow-up" formAction="none" ariaLabel={`Move rule ${i + 1} up`} disabled={i === 0} onClick={() => swap(i, i - 1)} />
            <Button formAction="none" ariaLabel={`Remove rule ${i + 1}`} onClick={() => onChange(rows.filter((_, j) => j !== i))}>Remove</Button>
          </SpaceBetween>
        )}
        definition={[
          { label: 'Repositories', errorText: (_, i) => wrong.on(`rules.${i + 1}.repositories`), control: (row, i) => <Input value={row.repositories} placeholder="shop/*" spellcheck={false} ariaLabel={`Repositories of rule ${i + 1}`} onChange={({ detail }) => change(i, { repositories: detail.value })} /> },
          { label: 'Tags', errorText: (_, i) => wrong.on(`rules.${i + 1}.tags`), control: (row, i) => <Input value={row.tags} placeholder="All" spellcheck={false} ariaLabel={`Tags of rule ${i + 1}`} onChange={({ detail }) => change(i, { tags: detail.value })} /> },
          { label: 'Scanning', errorText: (_, i) => wrong.on(`rules.${i + 1}.scan`), control: (row, i) => <Select ariaLabel={`Scanning of rule ${i + 1}`} selectedOption={scans.find((s) => s.value === row.scan) ?? null} options={scans} onChange={({ detail }) => change(i, { scan: detail.selectedOption.value as Scan })} /> },
        ]}
      />
    </FormField>
  );
}
