// What the server says of the first steps. Source: doc/rest.md, "GET start" and
// "GET scans/this-machine".
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

export const startQuery = queryOptions({
  queryKey: ['jobs', 'start'],
  queryFn: ({ signal }) => get<Start>('/assay/v1/start', signal),
  meta: { live: ['findings', 'coverage'] },
  refetchInterval: 15_000, // keys and sources that are set up elsewhere are no live event
});

const runs = (machine: Machine | undefined) => machine?.scan?.state === 'waiting' || machine?.scan?.state === 'running';

export const machineQuery = queryOptions({
  queryKey: ['jobs', 'this-machine'],
  queryFn: ({ signal }) => get<Machine>('/assay/v1/scans/this-machine', signal),
  refetchInterval: ({ state }) => (runs(state.data) ? 2_000 : false),
});
