import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useRef } from 'react';
import { call } from '../../../api/client.ts';
import { Command } from '../../../parts/Copy.tsx';
import { Problem } from '../../../parts/Problem.tsx';
import { count } from '../../../parts/text.ts';
import { useAct } from '../common/act.ts';
import { sentence } from '../common/wrong.ts';
import { path, type Sink } from './sink.ts';

interface Tried {
  ok: boolean;
  milliseconds: number;
  said?: string;
  error?: string;
}

// Trial sends a test and shows what the receiver said.
export function Trial({ sink, onClose }: { sink: Sink; onClose: () => void }) {
  const test = useAct(() => call<Tried>(`${path(sink.name)}/test`), { quiet: true, refresh: ['sinks'] });
  const begun = useRef(false);
  const { mutate } = test;
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate();
  }, [mutate]);
  const { data: came } = test;
  return (
    <Modal
      visible
      header={`Test of ${sink.name}`}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button loading={test.isPending} onClick={() => mutate()}>Send another</Button>
            <Button variant="primary" onClick={onClose}>Close</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <div role="status">
        <SpaceBetween size="m">
          <Box>A closed finding that says it is a test is sent now, whatever the filter says.</Box>
          {test.isPending && <StatusIndicator type="loading">Waiting for the receiver</StatusIndicator>}
          {test.error && <Problem error={test.error} header="Nothing was sent" />}
          {came && !test.isPending && (
            <Alert type={came.ok ? 'success' : 'error'} header={came.ok ? `Taken in ${count(came.milliseconds)} ms` : `Not taken, after ${count(came.milliseconds)} ms`}>
              {came.error ? sentence(came.error) : came.said ? 'The receiver said:' : 'The receiver said nothing more.'}
            </Alert>
          )}
          {came?.said && !came.error?.includes(came.said) && !test.isPending && <Command text={came.said} label="Copy what the receiver said" />}
        </SpaceBetween>
      </div>
    </Modal>
  );
}
