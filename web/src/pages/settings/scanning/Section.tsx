import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import { Problem } from '../../../parts/Problem.tsx';

interface Props {
  title: string;
  description: ReactNode;
  query: { isPending: boolean; error: Error | null; refetch: () => unknown };
  edit?: () => void; // absent: it cannot be changed
  children: () => ReactNode;
}

// Section is one part of the configuration, with what changes it.
export const Section = ({ title, description, query, edit, children }: Props) => (
  <Container header={<Header variant="h2" description={description} actions={edit && !query.isPending && !query.error && <Button ariaLabel={`Edit: ${title}`} onClick={edit}>Edit</Button>}>{title}</Header>}>
    <SpaceBetween size="m">
      {query.error ? <Problem error={query.error} retry={() => void query.refetch()} />
      : query.isPending ? <Box textAlign="center" padding="l"><StatusIndicator type="loading">Loading the configuration</StatusIndicator></Box>
      : children()}
    </SpaceBetween>
  </Container>
);
