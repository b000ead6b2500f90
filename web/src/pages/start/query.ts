// What the server says of the first steps. Source: doc/rest.md, "GET views/start".
import { queryOptions } from '@tanstack/react-query';
import { get } from '../../api/client.ts';

export type StepName = 'this-machine' | 'host' | 'registry' | 'functions' | 'keys';

export interface Step {
  name: StepName;
  done: boolean;
  possible?: boolean; // for the caller's account, with this server; absent: yes
  detail: string;
}

export interface Start {
  resources: number;
  findings: number;
  steps: Step[];
}

export interface MachineScan {
  id: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
  phase?: string;
  elapsed: number; // seconds
  ended?: string;
  packages: number; // 0: not known yet
  error?: string;
  resource?: string;
  problems?: string[];
  unread?: number;
  notScanned?: string;
}

export interface Machine {
  name: string;
  possible: boolean;
  problem?: string;
  container: boolean;
  notes?: string[];
  scan?: MachineScan;
}

// The answer to GET views/start, as far as the caller may ask for it.
export interface View {
  start?: Start;
  machine?: Machine;
}

const runs = (machine: Machine | undefined) => machine?.scan?.state === 'waiting' || machine?.scan?.state === 'running';

export const startQuery = queryOptions({
  queryKey: ['jobs', 'start'],
  queryFn: ({ signal }) => get<View>('/assay/v1/views/start', signal),
  meta: { live: ['findings', 'coverage'] },
  refetchInterval: ({ state }) => (runs(state.data?.machine) ? 2_000 : 15_000), // keys and sources that are set up elsewhere are no live event
});
