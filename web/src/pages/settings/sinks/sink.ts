// Sinks as the server has them. Source: doc/sinks.md.
import { queryOptions } from '@tanstack/react-query';
import { get } from '../../../api/client.ts';

export type Kind = 'eventbridge' | 'sns' | 'sqs' | 'securityhub' | 'webhook' | 'slack' | 'syslog' | 'file' | 'stdout';

export interface Settings {
  name: string;
  kind: Kind;
  place?: string;
  events?: string[]; // beginnings of kinds of event; absent: all
  accounts?: string[];
  severity?: string; // findings below it are left out
  statuses?: string[];
  resourceTypes?: string[];
  paused?: boolean;
  region?: string;
  endpoint?: string;
  role?: string;
  source?: string;
  product?: string;
  hub?: string;
  keyId?: string;
  batch?: boolean;
  authority?: string; // PEM
  facility?: number;
}

export const secretNames = ['url', 'secret', 'token', 'key', 'session'] as const;
export type SecretName = (typeof secretNames)[number];
export type Secrets = Partial<Record<SecretName, string>>;

export interface Sink extends Settings {
  secrets?: SecretName[]; // names of those that are kept
  created: string;
  updated: string;
  waiting: number; // events on their way
  dead: number; // given up
  oldest?: string; // of those that wait
  problem?: string; // why it cannot be used
}

export interface Attempt {
  at: string;
  took: number; // nanoseconds
  events: number;
  failed: number;
  dead: number; // of those that failed, given up
  kind: string; // of the first
  first: string; // its subject
  said?: string; // by the receiver
  error?: string;
}

export interface Letter {
  sink: string;
  seq: number;
  kind: string;
  subject: string;
  at: string;
  attempt: number;
  error: string;
  dead: string;
}

type Member = keyof Settings | SecretName;

const amazon: Member[] = ['region', 'endpoint', 'role', 'keyId', 'key', 'session', 'authority'];

export interface KindOf {
  value: Kind;
  label: string;
  description: string;
  place?: { label: string; placeholder: string; description?: string }; // absent: it has none
  uses: Member[]; // besides those that go with all
}

export const kinds: KindOf[] = [
  { value: 'eventbridge', label: 'Amazon EventBridge', description: 'Events on a bus, as Amazon Inspector sends them', place: { label: 'Event bus', placeholder: 'default', description: 'Its name or ARN.' }, uses: ['source', ...amazon] },
  { value: 'sns', label: 'Amazon SNS', description: 'Messages to a topic', place: { label: 'Topic', placeholder: 'arn:aws:sns:us-east-1:111122223333:findings', description: 'Its ARN.' }, uses: ['source', ...amazon] },
  { value: 'sqs', label: 'Amazon SQS', description: 'Messages in a queue', place: { label: 'Queue', placeholder: 'https://sqs.us-east-1.amazonaws.com/111122223333/findings', description: 'Its address.' }, uses: ['source', ...amazon] },
  { value: 'securityhub', label: 'AWS Security Hub', description: 'Findings in its format; findings only', uses: ['product', 'hub', ...amazon] },
  { value: 'webhook', label: 'Webhook', description: 'CloudEvents to an address of your own', place: { label: 'Address', placeholder: 'https://siem.example.org/assay' }, uses: ['secret', 'token', 'batch', 'authority', 'url'] },
  { value: 'slack', label: 'Slack', description: 'Readable messages for a chat', uses: ['url', 'batch', 'authority'] },
  { value: 'syslog', label: 'Syslog', description: 'RFC 5424 over UDP, TCP or TLS', place: { label: 'Receiver', placeholder: 'tls://logs.example.org:6514', description: 'udp://host:514, tcp://host:601 or tls://host:6514.' }, uses: ['facility', 'authority'] },
  { value: 'file', label: 'File', description: 'A line of JSON for each event', place: { label: 'Name of the file', placeholder: 'events.jsonl', description: 'It lies in the folder “events” of the server’s data.' }, uses: [] },
  { value: 'stdout', label: 'Standard output', description: 'A line of JSON for each event, where the server’s output goes', uses: [] },
];

export const kindOf = (kind: Kind) => kinds.find((k) => k.value === kind)!;

export const eventKinds = [
  { value: 'finding.', label: 'Findings' },
  { value: 'scan.', label: 'First scans' },
  { value: 'coverage.', label: 'Coverage' },
  { value: 'rule.', label: 'Suppression rules' },
  { value: 'autoenable.', label: 'Activation that failed' },
];

export const sinksQuery = queryOptions({
  queryKey: ['sinks', 'list'],
  queryFn: async ({ signal }) => (await get<{ sinks: Sink[] }>('/assay/v1/sinks', signal)).sinks,
  refetchInterval: 10_000, // deliveries are no live event
});

export const path = (name: string) => `/assay/v1/sinks/${encodeURIComponent(name)}`;

export const minute = 60_000; // milliseconds

export function standing(s: Sink): { type: 'success' | 'warning' | 'error' | 'stopped'; text: string } {
  if (s.problem) return { type: 'error', text: 'Cannot be used' };
  if (s.paused) return { type: 'stopped', text: 'Paused' };
  if (s.oldest && Date.now() - new Date(s.oldest).getTime() > minute) return { type: 'warning', text: 'Behind' };
  if (s.dead > 0) return { type: 'warning', text: 'Dead letters' };
  return { type: 'success', text: 'Good' };
}
