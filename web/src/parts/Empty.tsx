import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';

export interface EmptyProps {
  title: string; // what there is not
  text: ReactNode; // what that means, and what to do
  action?: ReactNode;
}

// Empty stands where a list would.
export const Empty = ({ title, text, action }: EmptyProps) => (
  <Box textAlign="center" padding={{ vertical: 'l' }}>
    <SpaceBetween size="xs">
      <Box variant="strong">{title}</Box>
      <Box color="text-body-secondary">{text}</Box>
      {action}
    </SpaceBetween>
  </Box>
);
