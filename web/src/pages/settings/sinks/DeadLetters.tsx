import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, get } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { CopyId, shortId } from '../../../parts/Copy.tsx';
import { plural } from '../../../parts/text.ts';
import { Time } from '../../../parts/Time.tsx';
import { useAct } from '../common/act.ts';
import { Confirm } from '../common/Dialog.tsx';
import { List, type ListColumn } from '../common/List.tsx';
import type { Letter } from './sink.ts';

const most = 1000; // that the server lists

// DeadLetters are the events that a sink has not taken.
export function DeadLetters() {
  const session = useSession().data;
  const query = useQuery({
    queryKey: ['dead-letters'],
    queryFn: async ({ signal }) => (await get<{ deadLetters: Letter[] }>('/assay/v1/dead-letters', signal)).deadLetters,
    refetchInterval: 30_000,
  });
  const [all, askAll] = useState<string>();
  const replay = useAct(({ sink, seq }: { sink: string; seq?: number }) => call<{ events: number }>(`/assay/v1/dead-letters/${encodeURIComponent(sink)}/replay${seq === undefined ? '' : `?seq=${seq}`}`), {
    refresh: ['dead-letters'], done: ({ events }, { sink }) => `${plural(events, 'event')} sent to ${sink} again.`, then: () => askAll(undefined),
  });
  const letters = query.data ?? [];
  const sinks = [...new Set(letters.map((l) => l.sink))].sort();
  const can = may(session, 'assay:ReplayDeadLetters');
  const columns: ListColumn<Letter>[] = [
    { id: 'sink', header: 'Sink', width: 110, by: (l) => l.sink, cell: (l) => l.sink },
    { id: 'kind', header: 'Event', width: 160, rowHeader: true, by: (l) => l.kind, cell: (l) => l.kind },
    { id: 'subject', header: 'About', width: 185, by: (l) => l.subject, cell: (l) => <CopyId id={l.subject} show={shortId(l.subject)} /> },
    { id: 'error', header: 'Why', width: 215, by: (l) => l.error, cell: (l) => <span title={l.error}>{l.error}</span> },
    { id: 'dead', header: 'Given up', width: 130, by: (l) => l.dead, cell: (l) => <Time at={l.dead} /> },
    { id: 'attempt', header: 'Attempts', width: 120, by: (l) => l.attempt, cell: (l) => <span className="numbers">{l.attempt}</span> },
    { id: 'at', header: 'Came about', width: 150, by: (l) => l.at, cell: (l) => <Time at={l.at} /> },
    ...(can ? [{ id: 'actions', header: 'Actions', width: 120, cell: (l: Letter) => <Button variant="inline-link" ariaLabel={`Send again: ${l.kind} of ${shortId(l.subject)}`} onClick={() => replay.mutate({ sink: l.sink, seq: l.seq })}>Send again</Button> }] : []),
  ];
  return (
    <>
      <List
        title="Dead letters" id={(l) => `${l.sink} ${l.seq}`} columns={columns} query={query} rows={query.data} sort="-dead"
        description={letters.length >= most ? `The first ${most.toLocaleString('en')}. They are kept for 14 days.` : 'Events that a sink has not taken for a day, or never will. They are kept for 14 days.'}
        text={(l) => `${l.sink} ${l.kind} ${l.subject} ${l.error}`}
        actions={can && sinks.length > 0 && <ButtonDropdown items={sinks.map((id) => ({ id, text: id }))} onItemClick={({ detail }) => askAll(detail.id)}>Send all again of</ButtonDropdown>}
        nothing={{ title: 'No dead letters', text: 'Every event has been taken, or is still being tried. One that a sink does not take for a day, or refuses for good, is kept here and can be sent again.' }}
      />
      {all !== undefined && (
        <Confirm title={`Send all dead letters of ${all} again?`} verb="Send again" act={replay} onDo={() => replay.mutate({ sink: all })} onClose={() => askAll(undefined)}>
          <Box>What the receiver has had before has the same id: it should drop it. What it refuses once more comes back here.</Box>
        </Confirm>
      )}
    </>
  );
}
