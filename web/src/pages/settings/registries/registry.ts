// Registries as the server has them. Source: doc/registries.md.
import { queryOptions } from '@tanstack/react-query';
import { get } from '../../../api/client.ts';
import { plural } from '../../../parts/text.ts';

export type Scan = 'basic' | 'enhanced';

export interface Rule {
  repositories: string[]; // patterns, one of which must fit
  tags?: string[]; // the same; absent: all
  scan: Scan;
}

export interface Settings {
  name: string;
  address: string;
  insecure: boolean;
  ca?: string; // PEM
  username?: string;
  rules: Rule[];
  intervalMinutes: number;
  maxImageBytes: number;
  notifications: Format;
}

export interface Registry extends Settings {
  id: string;
  account: string;
  hook: string; // address of its notifications
  secret?: string; // that they are signed with; told once
  created: string;
  updated: string;
  state: {
    synced?: string; // when the last discovery began that ended well
    tried?: string;
    repositories: number;
    tags: number;
    images: number;
    scans: number;
    problems?: string[];
    error?: string;
  };
}

export type Format = 'distribution' | 'harbor' | 'github' | 'gitlab' | 'cloudevents';

export const formats: { value: Format; label: string; description: string }[] = [
  { value: 'distribution', label: 'Distribution', description: 'CNCF Distribution, Docker’s registry, and what is made of it' },
  { value: 'harbor', label: 'Harbor', description: 'Default format or CloudEvents' },
  { value: 'github', label: 'GitHub', description: 'Webhook of packages' },
  { value: 'gitlab', label: 'GitLab', description: 'Registry notifications, or pipeline events of a project' },
  { value: 'cloudevents', label: 'CloudEvents', description: 'Anything that signs as Standard Webhooks has it' },
];

export const registriesQuery = queryOptions({
  queryKey: ['jobs', 'registries'],
  queryFn: async ({ signal }) => (await get<{ registries: Registry[] }>('/assay/v1/registries', signal)).registries,
  refetchInterval: ({ state }) => (state.data?.some(({ state }) => !state.tried) ? 3_000 : 30_000),
});

export interface Standing {
  type: 'success' | 'warning' | 'error' | 'pending';
  text: string;
}

// standing says in words what came of the last discovery.
export function standing({ state }: Registry): Standing {
  if (state.error) return { type: 'error', text: 'Failed' };
  if (!state.tried) return { type: 'pending', text: 'Not walked yet' };
  if (state.problems?.length) return { type: 'warning', text: plural(state.problems.length, 'problem') };
  return { type: 'success', text: 'Good' };
}

const remedies: [RegExp, string][] = [
  [/no such host|lookup /i, 'The name is not known where the server runs. Check the address, and the name service of the server.'],
  [/connection refused/i, 'Nothing listens there. Check the address with its port, and that the registry runs.'],
  [/x509|certificate|tls/i, 'The certificate of the registry is not trusted. Give its certificate authority, or allow connections that cannot be verified.'],
  [/HTTP response to HTTPS/i, 'The registry speaks plain HTTP. Allow connections that cannot be verified, or give it a certificate.'],
  [/401|unauthorized|denied|403|forbidden/i, 'The registry does not let this user in. Check the user and the password, and that the user may read images and list repositories.'],
  [/catalog|no list|lists? (of )?repositories/i, 'Registries such as Docker Hub and GitHub’s give no list of repositories: name them in the rules, without a star.'],
  [/timeout|deadline|i\/o/i, 'The registry did not answer in time. Check what is between it and the server; the walk is made again by itself.'],
  [/429|too many/i, 'The registry limits how often it may be asked. Give a user, or let more time pass between two walks.'],
];

// remedy says what to do about an error of a discovery.
export const remedy = (error: string) => remedies.find(([pattern]) => pattern.test(error))?.[1] ?? 'The walk is made again by itself. If it goes on, look at the log of the registry.';

export const changed = (r: Registry): Settings => ({
  name: r.name, address: r.address, insecure: r.insecure, ca: r.ca, username: r.username, rules: r.rules,
  intervalMinutes: r.intervalMinutes, maxImageBytes: r.maxImageBytes, notifications: r.notifications,
});

// example says how a registry is made to send notifications.
export function example(format: Format, hook: string, secret: string): { text: string; command: string } {
  switch (format) {
    case 'harbor':
      return { text: 'In Harbor, below the project: Webhooks, New Webhook, notify type HTTP, with the events of artifacts (pushed, pulled, deleted).', command: `Endpoint URL: ${hook}\nAuth Header: Bearer ${secret}` };
    case 'github':
      return { text: 'In the settings of the organisation or repository: Webhooks, Add webhook, with the events Packages and Registry packages.', command: `Payload URL: ${hook}\nContent type: application/json\nSecret: ${secret}` };
    case 'gitlab':
      return { text: 'In gitlab.rb of the registry, or, for pipeline events, as URL and secret token of a webhook of the project.', command: `registry['notifications'] = [\n  {\n    'name' => 'assay',\n    'url' => '${hook}',\n    'timeout' => '5s',\n    'threshold' => 3,\n    'backoff' => '10s',\n    'headers' => { 'X-Gitlab-Token' => ['${secret}'] }\n  }\n]` };
    case 'cloudevents':
      return {
        text: 'To send one by hand, as any signer of Standard Webhooks does:',
        command: `HOOK='${hook}'\nSECRET='${secret}'\nid=$(uuidgen); at=$(date +%s)\nbody='{"specversion":"1.0","id":"1","source":"ci","type":"image.pushed","data":{"repository":"shop/web","tag":"v1"}}'\nkey=$(printf %s "$SECRET" | base64 -d | od -An -vtx1 | tr -d ' \\n')\nmac=$(printf %s "$id.$at.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | base64)\ncurl -H "webhook-id: $id" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$mac" \\\n  -H 'Content-Type: application/cloudevents+json' -d "$body" "$HOOK"`,
      };
    default:
      return { text: 'In the configuration of the registry (config.yml):', command: `notifications:\n  endpoints:\n    - name: assay\n      url: ${hook}\n      headers: {Authorization: ["Bearer ${secret}"]}\n      timeout: 5s\n      threshold: 3\n      backoff: 10s` };
  }
}

// patterns reads what a person typed: patterns with commas or spaces between.
export const patterns = (text: string) => text.split(/[\s,]+/).filter((p) => p !== '');
