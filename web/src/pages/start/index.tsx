import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { useSession } from '../../api/session.ts';
import { Command } from '../../parts/Copy.tsx';
import { Page } from '../../parts/Page.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { plural } from '../../parts/text.ts';
import { Host } from './Host.tsx';
import { startQuery, type Machine, type Start as State, type Step } from './query.ts';
import { StepCard } from './StepCard.tsx';
import { ThisMachine } from './ThisMachine.tsx';
import { GoButton } from '../../parts/GoButton.tsx';
import './start.css';

export default function Start() {
  const query = useQuery(startQuery);
  const { error } = query;
  const data = query.data?.start;
  return (
    <Page
      title="Getting started"
      description="Take any of these steps. Each turns green by itself when it is done."
      actions={data && data.resources > 0 && <GoButton to="/summary" variant="primary">See the summary</GoButton>}
    >
      <SpaceBetween size="l">
        {error && <Problem error={error} retry={() => void query.refetch()} />}
        {query.isPending && <Container><Box textAlign="center" padding="xxl"><StatusIndicator type="loading">Looking at what there is</StatusIndicator></Box></Container>}
        {data && <Box><HowFar of={data} /></Box>}
        {data?.steps.map((step) => <OneStep key={step.name} step={step} machine={query.data?.machine} />)}
      </SpaceBetween>
    </Page>
  );
}

function HowFar({ of: { steps, resources, findings } }: { of: State }) {
  const done = steps.filter((step) => step.done).length;
  return (
    <span className="start-numbers">
      {done} of {plural(steps.length, 'step')} done
      {resources > 0 ? `: ${plural(resources, 'resource')} watched, ${plural(findings, 'active finding')}.` : '. Nothing is watched yet.'}
    </span>
  );
}

function OneStep({ step, machine }: { step: Step; machine: Machine | undefined }) {
  const url = useSession().data?.url ?? window.location.origin;
  switch (step.name) {
    case 'this-machine':
      return <ThisMachine step={step} machine={machine} />;
    case 'host':
      return <Host step={step} />;
    case 'registry':
      return (
        <StepCard
          step={step} title="Add a registry" text="Its images are found and scanned, and scanned again as more becomes known."
          actions={<GoButton to="/settings/registries">Registries</GoButton>}
        />
      );
    case 'functions':
      return (
        <StepCard
          step={step} title="Add a folder of functions" text="The archives in a folder or bucket are scanned as functions, with their layers."
          actions={<GoButton to="/settings/functions">Functions</GoButton>}
        />
      );
    case 'keys':
      return (
        <StepCard
          step={step} title="Make access keys" text="For colleagues, CI and Amazon’s clients: a key each, with a role that may do what it needs."
          actions={<GoButton to="/settings/keys">API keys</GoButton>}
        >
          <Box>With a key in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY):</Box>
          <Command text={`assay scan alpine:3.20 --server ${url}`} label="Copy the command that scans an image" />
          <Command text={`aws inspector2 list-findings --endpoint-url ${url}`} label="Copy the command that lists findings" />
        </StepCard>
      );
    default: // a step of a newer server
      return null;
  }
}
