import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input, { type InputProps } from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { ApiError, call, get } from '../../api/client.ts';
import type { Session } from '../../api/types.ts';
import { Command } from '../../parts/Copy.tsx';
import './signin.css';

interface Trouble {
  header: string;
  text: string;
}

// What GET /signin?link=… may lead here with.
const arrivals: Record<string, Trouble> = {
  link: {
    header: 'This link no longer works',
    text: 'A link signs in once, within 24 hours. This one has been used, is too old, or is incomplete. Sign in with an access key, or have another link made as described below.',
  },
  busy: { header: 'Too many attempts', text: 'There were too many attempts to sign in from your address. Wait a few seconds, then open the link again.' },
  server: { header: 'The server has a problem', text: 'It could not look at your link, which still works. Open it again in a moment; the log of the server says more.' },
};

function explain(error: Error): Trouble {
  if (!(error instanceof ApiError)) return { header: 'That did not work', text: error.message };
  switch (true) {
    case error.status === 0:
      return { header: 'No answer', text: error.message };
    case error.status === 429:
      return { header: 'Too many attempts', text: 'Wait a few seconds, then try again.' };
    case error.status >= 500:
      return { header: 'The server has a problem', text: `${error.message} Its log says more.` };
    case error.code === 'UnrecognizedClientException':
      return { header: 'Wrong key or secret', text: 'No access key that is in use has this ID and this secret. Check both for missing or additional characters.' };
    default:
      return { header: 'You cannot sign in with this', text: error.message };
  }
}

// local returns the address within the application to go to; what leads to
// another site, or back here, leads to the start.
function local(from: string | null): string {
  if (!from?.startsWith('/')) return '/';
  const url = new URL(from, window.location.origin);
  return url.origin === window.location.origin && !/^\/signin(\/|$)/.test(url.pathname) ? url.pathname + url.search : '/';
}

export default function SignIn() {
  const [params] = useSearchParams();
  const goal = local(params.get('from'));
  const session = useQuery({ queryKey: ['session'], queryFn: ({ signal }) => get<Session>('/assay/v1/session', signal), staleTime: Infinity, retry: false });
  useEffect(() => {
    document.title = 'Sign in – Assay';
  }, []);
  if (session.data) return <Navigate to={goal} replace />;
  return (
    <main className="signin"><div>
      <SpaceBetween size="l">
        <Box variant="awsui-key-label" fontSize="heading-m" textAlign="center">Assay</Box>
        <Container header={<Header variant="h1" description="Use an access key of this server.">Sign in</Header>}>
          <KeyForm goal={goal} arrival={arrivals[params.get('problem') ?? '']} />
        </Container>
        <ExpandableSection headerText="No access key?" headingTagOverride="h2">
          <SpaceBetween size="s">
            <Box>At its first start, <Box variant="code">assay serve</Box> prints a link that signs in once. Who has an access key of an administrator makes others:</Box>
            <Command text="assay admin sessions link --name Ada --role reader" label="Copy the command that makes a link" />
            <Box>A link to sign in with once, within 24 hours.</Box>
            <Command text="assay admin keys create --name Ada --role reader" label="Copy the command that makes an access key" />
            <Box>An access key. Its secret is shown once.</Box>
          </SpaceBetween>
        </ExpandableSection>
      </SpaceBetween>
    </div></main>
  );
}

function KeyForm({ goal, arrival }: { goal: string; arrival: Trouble | undefined }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const [secret, setSecret] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState(arrival);
  const idInput = useRef<InputProps.Ref>(null);
  const secretInput = useRef<InputProps.Ref>(null);
  useEffect(() => idInput.current?.focus(), []);

  const submit = async () => {
    setTried(true);
    const accessKeyId = id.trim();
    const secretAccessKey = secret.trim();
    if (accessKeyId === '' || secretAccessKey === '') {
      (accessKeyId === '' ? idInput : secretInput).current?.focus();
      return;
    }
    setBusy(true);
    setTrouble(undefined);
    try {
      const session = await call<Session>('/assay/v1/session', { accessKeyId, secretAccessKey });
      client.clear(); // nothing of who was signed in before
      client.setQueryData(['session'], session);
      void navigate(goal, { replace: true });
    } catch (error) {
      setTrouble(explain(error as Error));
      setBusy(false);
      secretInput.current?.select();
      secretInput.current?.focus();
    }
  };

  return (
    // Were this page's script gone, a form that is posted would keep the secret out of the address.
    <form method="post" action="/signin" noValidate onSubmit={(event) => {
      event.preventDefault();
      if (!busy) void submit();
    }}>
      <Form actions={<Button variant="primary" formAction="submit" loading={busy} loadingText="Signing in">Sign in</Button>}>
        <SpaceBetween size="m">
          <div role="alert">{trouble && <Alert type="error" header={trouble.header}>{trouble.text}</Alert>}</div>
          <FormField label="Access key ID" errorText={tried && id.trim() === '' && 'Enter the ID of the access key.'}>
            <Input ref={idInput} value={id} onChange={({ detail }) => setId(detail.value)} name="username" autoComplete="username" spellcheck={false} ariaRequired />
          </FormField>
          <FormField label="Secret access key" errorText={tried && secret.trim() === '' && 'Enter the secret of the access key.'}>
            <Input ref={secretInput} type="password" value={secret} onChange={({ detail }) => setSecret(detail.value)} name="password" autoComplete="current-password" ariaRequired />
          </FormField>
        </SpaceBetween>
      </Form>
    </form>
  );
}
