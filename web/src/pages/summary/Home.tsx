import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { Navigate } from 'react-router';
import { covered, summaryQuery } from './query.ts';

// Home leads to the first steps as long as nothing is covered, then to the
// summary, which finds its data loaded.
export default function Home() {
  const { data, isPending } = useQuery(summaryQuery);
  if (isPending) return <Box padding="xxl" textAlign="center"><Spinner /></Box>;
  return <Navigate to={data && !covered(data) ? '/start' : '/summary'} replace />;
}
