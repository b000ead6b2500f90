import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import type { Step } from './query.ts';

interface Props {
  step: Step;
  title: string;
  text: ReactNode; // what it is for
  detail?: ReactNode; // in place of the server's words
  busy?: boolean;
  actions?: ReactNode;
  children?: ReactNode;
}

// StepCard is one of the first steps; it turns green when it has been taken.
export function StepCard({ step, title, text, detail = step.detail, busy, actions, children }: Props) {
  const possible = step.possible !== false;
  const [type, state] = busy ? (['in-progress', 'Going on'] as const)
    : step.done ? (['success', 'Done'] as const)
    : possible ? (['pending', 'Not yet'] as const)
    : (['stopped', 'Not for you'] as const);
  return (
    <div className={step.done ? 'start-step done' : 'start-step'}>
      <Container
        header={
          <Header variant="h2" description={text} actions={possible && actions} info={<StatusIndicator type={type}>{state}</StatusIndicator>}>
            {title}
          </Header>
        }
      >
        <SpaceBetween size="s">
          <Box color="text-body-secondary">{detail}</Box>
          {children}
        </SpaceBetween>
      </Container>
    </div>
  );
}
