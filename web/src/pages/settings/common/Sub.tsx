import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Select from '@cloudscape-design/components/select';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Tabs from '@cloudscape-design/components/tabs';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { get } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { Empty } from '../../../parts/Empty.tsx';
import { Page } from '../../../parts/Page.tsx';

interface SubProps {
  title: string;
  description: ReactNode;
  action: string; // that the role needs to see it
  management?: boolean; // only the management account sees it
  children: ReactNode;
}

export const settingsCrumb = { text: 'Settings', href: '/settings' };

// Sub is the frame of a page of settings.
export function Sub({ title, description, action, management, children }: SubProps) {
  const session = useSession().data;
  const not = !may(session, action) ? `Your role, ${session?.role ?? ''}, does not show this. An administrator of the account can give you a key with another.`
    : management && !session?.management ? 'This belongs to the whole server. Only its management account sees it.'
    : undefined;
  return (
    <Page title={title} description={description} crumbs={[settingsCrumb]}>
      {not === undefined ? children : <Container><Empty title="Nothing to see here for you" text={not} /></Container>}
    </Page>
  );
}

export interface Tab {
  id: string;
  label: string;
  shown?: boolean; // absent: yes
  content: () => ReactNode;
}

// Tabbed shows one of several lists; which one is in the address.
export function Tabbed({ tabs, label }: { tabs: Tab[]; label: string }) {
  const [params, setParams] = useSearchParams();
  const shown = tabs.filter((tab) => tab.shown !== false);
  const active = shown.find((tab) => tab.id === params.get('tab')) ?? shown[0];
  if (!active) return null;
  if (shown.length === 1) return active.content();
  return (
    <Tabs
      ariaLabel={label}
      activeTabId={active.id}
      onChange={({ detail }) => setParams(detail.activeTabId === shown[0]?.id ? {} : { tab: detail.activeTabId })}
      tabs={shown.map(({ id, label, content }) => ({ id, label, content: id === active.id && content() }))}
    />
  );
}

interface Accounts {
  accounts: { id: string; name: string; closed?: string }[];
}

// AccountField lets the management account choose for which account something
// is made; for others there is no choice.
export function AccountField({ value, onChange, error, description }: { value: string; onChange: (id: string) => void; error?: string; description?: string }) {
  const session = useSession().data;
  const list = may(session, 'assay:ListAccounts') && session?.management === true;
  const { data } = useQuery({ queryKey: ['accounts'], queryFn: ({ signal }) => get<Accounts>('/assay/v1/accounts', signal), enabled: list, staleTime: 60_000 });
  if (!session?.management) return null;
  const options = (data?.accounts ?? []).filter((a) => !a.closed).map((a) => ({ value: a.id, label: a.name || a.id, description: a.name ? a.id : undefined }));
  const chosen = value || session.account;
  return (
    <FormField label="Account" description={description} errorText={error}>
      {options.length > 0
        ? <Select selectedOption={options.find((o) => o.value === chosen) ?? { value: chosen, label: chosen }} options={options} filteringType={options.length > 10 ? 'auto' : 'none'} filteringAriaLabel="Find accounts" onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')} />
        : <Input value={chosen} inputMode="numeric" onChange={({ detail }) => onChange(detail.value)} />}
    </FormField>
  );
}

// Codes is a list of short texts such as paths.
export const Lines = ({ of }: { of: string[] }) => (of.length === 0 ? <>–</> : <>{of.map((text, i) => <Box key={i}><span className="break">{text}</span></Box>)}</>);
