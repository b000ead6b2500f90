import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get } from '../../../api/client.ts';
import { shortId } from '../../../parts/Copy.tsx';
import { Empty } from '../../../parts/Empty.tsx';
import { Problem } from '../../../parts/Problem.tsx';
import { count, plural } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { path, type Attempt, type Sink } from './sink.ts';

// outcome says what became of an attempt.
function outcome(a: Attempt): { type: 'success' | 'warning' | 'error'; text: string } {
  if (a.failed === 0) return { type: 'success', text: 'Taken' };
  if (a.dead > 0) return { type: 'error', text: `${plural(a.dead, 'event')} given up` };
  return { type: 'warning', text: a.failed === a.events ? 'Tried again later' : `${count(a.failed)} tried again later` };
}

// Log is the last attempts to hand events over.
export function Log({ sink, test }: { sink: Sink; test: ReactNode }) {
  const query = useQuery({
    queryKey: ['sinks', 'log', sink.name],
    queryFn: async ({ signal }) => (await get<{ attempts: Attempt[] }>(`${path(sink.name)}/log`, signal)).attempts,
    refetchInterval: 10_000,
  });
  return (
    <Table<Attempt>
      variant="embedded"
      items={query.error ? [] : (query.data ?? [])}
      trackBy={(a) => `${a.at} ${a.first}`}
      loading={query.isPending && !query.error}
      loadingText="Loading the delivery log"
      header={<Header variant="h3" counter={query.data && `(${query.data.length})`} description="The last 100 attempts, the latest first." actions={test}>Delivery log</Header>}
      ariaLabels={{ tableLabel: 'Delivery log' }}
      enableKeyboardNavigation
      wrapLines
      columnDefinitions={[
        { id: 'at', header: 'When', width: 130, cell: (a) => <Time at={a.at} /> },
        { id: 'outcome', header: 'Outcome', width: 180, cell: (a) => <StatusIndicator type={outcome(a).type}>{outcome(a).text}</StatusIndicator> },
        { id: 'events', header: 'Events', width: 90, cell: (a) => <span className="numbers">{count(a.events)}</span> },
        { id: 'took', header: 'Took', width: 100, cell: (a) => <span className="numbers">{count(Math.round(a.took / 1e6))} ms</span> },
        { id: 'first', header: 'First event', width: 260, cell: (a) => <span className="break">{a.kind} {shortId(a.first)}</span> },
        { id: 'said', header: 'The receiver said', width: 320, cell: (a) => <span className="break">{a.error ?? a.said ?? '–'}</span> },
      ]}
      empty={query.error ? <Problem error={query.error} retry={() => void query.refetch()} /> : <Empty title="No attempts yet" text={sink.paused ? 'The sink is paused: events wait.' : 'Nothing has had to be sent yet. A test shows whether the receiver takes events.'} />}
    />
  );
}
