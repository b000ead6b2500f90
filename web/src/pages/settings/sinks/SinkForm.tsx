import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Tiles from '@cloudscape-design/components/tiles';
import { useState } from 'react';
import { send } from '../../../api/client.ts';
import { resourceTypeNames, severities, severityNames, statusNames } from '../../../filter/fields.ts';
import { Page } from '../../../parts/Page.tsx';
import { problem, useAct } from '../common/act.ts';
import { settingsCrumb } from '../common/Sub.tsx';
import { numberOf, wrongWith } from '../common/wrong.ts';
import { eventKinds, kindOf, kinds, path, secretNames, type Kind, type Secrets, type Settings, type Sink } from './sink.ts';

const texts = ['name', 'place', 'region', 'endpoint', 'role', 'source', 'product', 'hub', 'keyId', 'authority', 'accounts', 'facility'] as const;
type TextName = (typeof texts)[number];

interface State {
  kind: Kind;
  text: Record<TextName, string>;
  secrets: Secrets;
  severity: string;
  events: string[];
  statuses: string[];
  resourceTypes: string[];
  batch: boolean;
}

function first(s: Sink | undefined): State {
  const text = Object.fromEntries(texts.map((t) => [t, t === 'accounts' ? (s?.accounts ?? []).join(' ') : String(s?.[t] ?? '')])) as State['text'];
  return { kind: s?.kind ?? 'webhook', text, secrets: {}, severity: s?.severity ?? '', events: s?.events ?? [], statuses: s?.statuses ?? [], resourceTypes: s?.resourceTypes ?? [], batch: s?.batch ?? false };
}

// body is what the server is sent: the members that go with the kind.
function body(s: State, before: Sink | undefined): Partial<Settings> & Secrets {
  const { uses, place } = kindOf(s.kind);
  const out: Record<string, unknown> = { name: s.text.name.trim(), kind: s.kind, ...(before?.paused && { paused: true }) };
  // The address of a webhook may be kept secret: then its place is the server's.
  if (s.text.place.trim() && (place || before?.place === s.text.place)) out.place = s.text.place.trim();
  for (const t of texts) {
    if (['name', 'place', 'accounts', 'facility'].includes(t) || !uses.includes(t as never) || s.text[t].trim() === '') continue;
    out[t] = s.text[t].trim();
  }
  if (uses.includes('facility') && s.text.facility) out.facility = numberOf('facility', s.text.facility);
  if (uses.includes('batch') && s.batch) out.batch = true;
  for (const name of secretNames) if (uses.includes(name) && s.secrets[name]) out[name] = s.secrets[name];
  if (s.secrets.url) delete out.place;
  const accounts = s.text.accounts.split(/[\s,]+/).filter(Boolean);
  if (accounts.length > 0) out.accounts = accounts;
  if (s.severity) out.severity = s.severity;
  for (const name of ['events', 'statuses', 'resourceTypes'] as const) if (s[name].length > 0) out[name] = s[name];
  return out;
}

const options = (names: Record<string, string>) => Object.entries(names).map(([value, label]) => ({ value, label }));
const pick = (all: { value: string; label: string }[], chosen: string[]) => chosen.map((v) => all.find((o) => o.value === v) ?? { value: v, label: v });

// SinkForm adds a sink, or puts another in the place of one.
export function SinkForm({ before, onClose }: { before?: Sink; onClose: () => void }) {
  const [s, setState] = useState<State>(() => first(before));
  const set = (change: Partial<State>) => setState((b) => ({ ...b, ...change }));
  const write = (name: TextName) => (value: string) => setState((b) => ({ ...b, text: { ...b.text, [name]: value } }));
  const kind = kindOf(s.kind);
  const uses = (name: string) => kind.uses.includes(name as never);
  const save = useAct(() => (before ? send<Sink>('PUT', path(before.name), body(s, before)) : send<Sink>('POST', '/assay/v1/sinks', body(s, undefined))), {
    refresh: ['sinks'], quiet: true, then: onClose,
    done: (out) => (before ? `${out.name} is changed.` : `${out.name} is added. Send a test to see whether the receiver takes events.`),
  });
  const shown = ['name', 'kind', 'events', 'accounts', 'severity', 'statuses', 'resourceTypes', ...(kind.place ? ['place'] : []), ...kind.uses];
  const wrong = wrongWith(save.error, shown);
  const line = (name: TextName, label: string, description?: string, placeholder?: string) => (
    <FormField key={name} label={label} description={description} errorText={wrong.on(name)}>
      <Input value={s.text[name]} placeholder={placeholder} spellcheck={false} onChange={({ detail }) => write(name)(detail.value)} />
    </FormField>
  );
  const secret = (name: keyof Secrets, label: string, description: string) => (
    <FormField key={name} label={label} description={before?.secrets?.includes(name) ? 'One is kept. Empty: it stays.' : description} errorText={wrong.on(name)}>
      <Input type="password" value={s.secrets[name] ?? ''} autoComplete="new-password" onChange={({ detail }) => set({ secrets: { ...s.secrets, [name]: detail.value } })} />
    </FormField>
  );
  const some = Object.values(s.secrets).some(Boolean);
  const loses = (before?.secrets ?? []).filter((name) => !s.secrets[name]);

  return (
    <Page title={before ? `Edit ${before.name}` : 'Add a sink'} crumbs={[settingsCrumb, { text: 'Event sinks', href: '/settings/sinks' }]}>
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
            {problem(wrong, before ? 'Nothing was changed' : 'No sink was added')}
            {!before && (
              <Container header={<Header variant="h2">Kind</Header>}>
                <FormField stretch errorText={wrong.on('kind')}>
                  <Tiles ariaLabel="Kind" columns={3} value={s.kind} items={kinds.map(({ value, label, description }) => ({ value, label, description }))} onChange={({ detail }) => set({ kind: detail.value as Kind, secrets: {} })} />
                </FormField>
              </Container>
            )}
            <Container header={<Header variant="h2" description={before && kind.description}>{kind.label}</Header>}>
              <SpaceBetween size="l">
                {!before && line('name', 'Name', 'Small letters, digits and dashes. It cannot be changed.', 'siem')}
                {kind.place && line('place', kind.place.label, s.kind === 'webhook' ? 'Leave it empty if the address itself lets in, and give it below.' : kind.place.description, kind.place.placeholder)}
                {uses('url') && secret('url', s.kind === 'slack' ? 'Address of the incoming webhook' : 'Secret address', s.kind === 'slack' ? 'Lets in whoever knows it: it is sealed, and only its host is shown.' : 'In place of the address, if whoever knows it is let in. It is sealed, and only its host is shown.')}
                {uses('secret') && secret('secret', 'Secret that signs', 'At least 16 characters. With it the receiver can tell that events come from here.')}
                {uses('token') && secret('token', 'Token', 'Shown to the receiver as Authorization: Bearer.')}
                {uses('region') && line('region', 'Region', 'Empty: that of the ARN, or of the server.', 'us-east-1')}
                {uses('product') && line('product', 'Product', 'ARN under which findings are imported. Empty: the default product of the account.')}
                {uses('hub') && line('hub', 'Account of the hub', 'Empty: that of each finding.')}
                {uses('source') && line('source', 'Source', 'Of the events, for rules of the receiver. Empty: aws.inspector2, or assay.inspector2 on Amazon’s own bus.')}
                {uses('keyId') && line('keyId', 'Access key ID', 'Empty: what the server finds in its surroundings.')}
                {uses('key') && secret('key', 'Secret access key', 'Sealed, and never shown again.')}
                {uses('session') && secret('session', 'Session token', 'Of a temporary access key.')}
                {uses('role') && line('role', 'Role', 'ARN of a role to take on before each call.')}
                {uses('endpoint') && line('endpoint', 'Endpoint', 'Empty: Amazon’s own address.', 'https://events.example.org')}
                {uses('facility') && line('facility', 'Facility', 'From 1 to 23. Empty: 16, which is local0.')}
                {uses('batch') && <Checkbox checked={s.batch} onChange={({ detail }) => set({ batch: detail.checked })} description={s.kind === 'slack' ? 'How many of which sort, and the gravest 20.' : 'Up to 100 events in one request.'}>Several events in one message</Checkbox>}
                {uses('authority') && (
                  <FormField label="Certificate authorities" description="PEM, besides those that the system trusts." errorText={wrong.on('authority')}>
                    <Textarea value={s.text.authority} rows={3} spellcheck={false} placeholder="-----BEGIN CERTIFICATE-----" onChange={({ detail }) => write('authority')(detail.value)} />
                  </FormField>
                )}
                {some && loses.length > 0 && <Alert type="warning">Secrets are replaced together. Give these again too, or they are forgotten: {loses.join(', ')}.</Alert>}
              </SpaceBetween>
            </Container>
            <Container header={<Header variant="h2" description="Nothing chosen: all.">What is sent</Header>}>
              <SpaceBetween size="l">
                <FormField label="Events" errorText={wrong.on('events')}>
                  <Multiselect selectedOptions={pick(eventKinds, s.events)} options={eventKinds} placeholder="All" deselectAriaLabel={(o) => `Take ${o.label} away`} onChange={({ detail }) => set({ events: detail.selectedOptions.map((o) => o.value!) })} />
                </FormField>
                <FormField label="Findings from severity" errorText={wrong.on('severity')}>
                  <Select selectedOption={s.severity ? { value: s.severity, label: severityNames[s.severity as keyof typeof severityNames] } : { value: '', label: 'All' }} options={[{ value: '', label: 'All' }, ...severities.map((value) => ({ value, label: severityNames[value] }))]} onChange={({ detail }) => set({ severity: detail.selectedOption.value ?? '' })} />
                </FormField>
                <FormField label="Findings of status" errorText={wrong.on('statuses')}>
                  <Multiselect selectedOptions={pick(options(statusNames), s.statuses)} options={options(statusNames)} placeholder={s.kind === 'eventbridge' ? 'Active and closed' : 'All'} deselectAriaLabel={(o) => `Take ${o.label} away`} onChange={({ detail }) => set({ statuses: detail.selectedOptions.map((o) => o.value!) })} />
                </FormField>
                <FormField label="Resources" errorText={wrong.on('resourceTypes')}>
                  <Multiselect selectedOptions={pick(options(resourceTypeNames), s.resourceTypes)} options={options(resourceTypeNames)} placeholder="All" deselectAriaLabel={(o) => `Take ${o.label} away`} onChange={({ detail }) => set({ resourceTypes: detail.selectedOptions.map((o) => o.value!) })} />
                </FormField>
                {line('accounts', 'Accounts', 'Only these, with spaces between them. Empty: all.', '111122223333')}
              </SpaceBetween>
            </Container>
          </SpaceBetween>
        </Form>
      </form>
    </Page>
  );
}
