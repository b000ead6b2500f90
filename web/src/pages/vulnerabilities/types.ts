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
  published?: string;
  modified?: string;
  references?: string[];
  affected?: Affected[];
  resources?: Hit[]; // at most 100
  more?: boolean; // there are further resources
}

export interface Score {
  source: string;
  version: string;
  score: number;
  vector?: string;
}

export interface Affected {
  ecosystem: string;
  package: string;
  ranges?: Range[];
}

export interface Range {
  introduced?: string;
  fixed?: string;
  lastAffected?: string;
}

export interface Hit {
  id: string;
  type: string;
  status: string; // of the finding
  package: string;
  version: string;
  fixed?: string;
}
