// What the server says on the Summary page. Source: doc/rest.md, "GET summary".
import type { SeverityName } from '../../filter/fields.ts';
import type { Advisories } from '../../api/types.ts';

export type BySeverity = Partial<Record<SeverityName, number>>;

export interface Summary {
  asOf: string;
  coverage: Covered[];
  accounts: { total: number; active: number };
  // OTHER: below medium, and not told apart.
  findings: BySeverity & { OTHER?: number; total: number; byType?: Record<string, BySeverity & { total: number }> };
  fixable: { total: number };
  exploitable: number;
  trend: TrendDay[]; // oldest first; days without a record are left out
  remediations: Remediation[];
  top: Partial<Record<TopName, Top[]>>;
  newest: Newest[];
  advisories: Advisories;
  waiting: { jobs: number; scans: number };
}

export interface Covered {
  type: string;
  total: number;
  scanned: number;
  reasons?: { reason: string; resources: number }[]; // why the others are not
}

export interface TrendDay {
  day: string; // YYYY-MM-DD
  CRITICAL: number;
  HIGH: number;
  MEDIUM: number;
  opened: number;
  closed: number;
}

export interface Remediation {
  package: string;
  type: string;
  upgradeTo: string;
  command?: string;
  findings: number;
  critical: number;
  resources: number;
  more?: boolean; // there are more resources than these
}

export type TopName = 'accounts' | 'images' | 'repositories' | 'hosts' | 'functions';

export interface Top {
  id: string;
  name?: string;
  critical: number;
  high: number;
  total: number;
}

export interface Newest {
  vulnerabilityId: string;
  title?: string;
  severity: SeverityName;
  published?: string;
  resources: number;
}
