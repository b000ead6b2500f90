// What the server says of a vulnerability. Source: doc/rest.md, "GET vulnerabilities/ID".
import type { SeverityName } from '../../filter/fields.ts';

export interface Vulnerability {
  id: string;
  aliases?: string[];
  title?: string;
  description?: string;
  severity?: SeverityName;
  scores?: Score[];
  epss?: { score: number; percentile?: number; date?: string };
  kev?: { added?: string; due?: string };
  cwes?: string[];
  published?: string;
  modified?: string;
  references?: string[];
  affected?: Affected[];
  resources?: Hit[]; // at most 100
  more?: boolean; // there are further resources, or affected packages
}

export interface Score {
  source: string;
  version?: string; // of CVSS
  score?: number;
  vector?: string;
  label?: string; // the publisher's word
}

export interface Affected {
  advisory?: string;
  ecosystem: string;
  package: string;
  state?: string; // what the publisher says of it, such as "not-affected"
  ranges?: Range[];
}

export interface Range {
  introduced?: string;
  fixed?: string;
  lastAffected?: string;
  text?: string;
}

export interface Hit {
  id: string;
  type: string;
  status: string; // of the finding
  findingArn?: string;
  severity?: SeverityName;
  package: string;
  version: string;
  fixed?: string;
}
