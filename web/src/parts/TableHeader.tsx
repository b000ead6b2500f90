import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import type { ReactNode } from 'react';

interface Props {
  title: string; // in the plural
  counter: string | undefined;
  description?: ReactNode;
  actions?: ReactNode;
  query: { isPending: boolean; isFetching: boolean; refetch: () => unknown };
}

// TableHeader names a table, tells how many rows it has, and loads it again.
export const TableHeader = ({ title, counter, description, actions, query }: Props) => (
  <Header
    counter={counter}
    description={description}
    actions={
      <SpaceBetween direction="horizontal" size="xs" alignItems="center">
        {query.isFetching && !query.isPending && <Spinner />}
        <Button iconName="refresh" ariaLabel={`Load ${title.toLowerCase()} again`} onClick={() => void query.refetch()} />
        {actions}
      </SpaceBetween>
    }
  >
    {title}
  </Header>
);
