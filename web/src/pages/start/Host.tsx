import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import LiveRegion from '@cloudscape-design/components/live-region';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { may, useSession } from '../../api/session.ts';
import { Command } from '../../parts/Copy.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { Time } from '../../parts/Time.tsx';
import type { Step } from './query.ts';
import { StepCard } from './StepCard.tsx';
import { GoButton } from '../../parts/GoButton.tsx';

interface Enrollment {
  token: string;
  expires: string;
}

// Host makes a token, and shows with which commands a host enrols.
export function Host({ step }: { step: Step }) {
  const session = useSession().data;
  const make = useMutation({ mutationFn: () => call<Enrollment>('/assay/v1/enrollments', { name: 'Getting started', uses: 1, hours: 24 }) });
  return (
    <StepCard
      step={step}
      title="Enrol a host"
      text="An agent tells what a host holds, seconds after it changes. It only reads."
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <LiveRegion hidden>{make.data ? 'A token has been made. The commands are below.' : ''}</LiveRegion>
          <GoButton to="/settings/agents">Agents</GoButton>
          {may(session, 'assay:CreateEnrollment') && (
            <Button variant={step.done ? 'normal' : 'primary'} loading={make.isPending} onClick={() => make.mutate()}>{make.data ? 'Make another token' : 'Make a token'}</Button>
          )}
        </SpaceBetween>
      }
    >
      {make.error && <Problem error={make.error} header="No token was made" />}
      {make.data && <Commands url={session?.url ?? window.location.origin} made={make.data} />}
    </StepCard>
  );
}

const loopback = /^https?:\/\/(localhost|127\.|\[::1\])/;

function Commands({ url, made: { token, expires } }: { url: string; made: Enrollment }) {
  const text = `export ASSAY_AGENT_TOKEN=${token}\nassay-agent enroll --server ${url}\nsystemctl enable --now assay-agent`;
  return (
    <SpaceBetween size="s">
      <Box>On the host, as root, with <Box variant="code">assay-agent</Box> and its unit from the release in place. The token is for one host, ends <Time at={expires} />, and is shown only now.</Box>
      <Command text={text} label="Copy the commands that enrol a host" />
      {loopback.test(url) && <Alert type="info">Other machines do not reach {url}. Start the server with an address that they do reach: <Box variant="code">assay serve --listen 0.0.0.0:8480 --url https://…</Box></Alert>}
      {url.startsWith('https:') && <Box color="text-body-secondary">With a certificate that the host does not trust, add <Box variant="code">--server-ca FILE</Box> to the second line.</Box>}
    </SpaceBetween>
  );
}
