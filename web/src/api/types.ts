// Shapes of answers, as far as the pages use them.
// Source: the API reference of Amazon Inspector; doc/rest.md for the rest.
import type { SeverityName } from '../filter/fields.ts';

export interface Session {
  account: string;
  accountName?: string;
  name: string;
  role: string;
  actions: string[]; // that the role allows, by their whole names
  management: boolean;
  delegatedAdministrator?: string;
  region: string;
  version: string;
  url: string;
  advisories: Advisories;
  expires: string;
}

export interface Advisories {
  built: string;
  starter: boolean; // the small set that the program brings along
  advisories: number;
}

export type Seconds = number; // since 1970

export interface Finding {
  findingArn: string;
  awsAccountId: string;
  type: string;
  title?: string;
  description: string;
  severity: SeverityName;
  status: string;
  firstObservedAt: Seconds;
  lastObservedAt: Seconds;
  updatedAt?: Seconds;
  inspectorScore?: number;
  inspectorScoreDetails?: { adjustedCvss?: { adjustments?: { metric: string; reason: string }[]; cvssSource?: string; score?: number; scoreSource?: string; scoringVector?: string; version?: string } };
  fixAvailable?: 'YES' | 'NO' | 'PARTIAL';
  exploitAvailable?: 'YES' | 'NO';
  exploitabilityDetails?: { lastKnownExploitAt?: Seconds };
  epss?: { score?: number };
  remediation: { recommendation?: { text?: string; Url?: string } };
  resources: Resource[];
  packageVulnerabilityDetails?: PackageVulnerability;
  networkReachabilityDetails?: { openPortRange: { begin: number; end: number }; protocol: string; networkPath: { steps?: { componentId: string; componentType: string }[] } };
  codeVulnerabilityDetails?: { detectorName: string; detectorId: string; cwes: string[]; filePath: { fileName: string; filePath: string; startLine: number; endLine: number }; detectorTags?: string[]; referenceUrls?: string[] };
}

export interface PackageVulnerability {
  vulnerabilityId: string;
  source: string;
  sourceUrl?: string;
  vendorSeverity?: string;
  vendorCreatedAt?: Seconds;
  vendorUpdatedAt?: Seconds;
  cvss?: { baseScore: number; scoringVector: string; version: string; source: string }[];
  relatedVulnerabilities?: string[];
  referenceUrls?: string[];
  vulnerablePackages?: VulnerablePackage[];
}

export interface VulnerablePackage {
  name: string;
  version: string;
  epoch?: number;
  release?: string;
  arch?: string;
  packageManager?: string;
  filePath?: string;
  fixedInVersion?: string;
  remediation?: string;
  sourceLayerHash?: string;
  sourceLambdaLayerArn?: string;
}

export interface Resource {
  type: string;
  id: string;
  region?: string;
  tags?: Record<string, string>;
  details?: {
    awsEcrContainerImage?: { repositoryName: string; imageTags?: string[]; imageHash: string; registry: string; architecture?: string; platform?: string; pushedAt?: Seconds; inUseCount?: number; lastInUseAt?: Seconds };
    awsEc2Instance?: { type?: string; imageId?: string; platform?: string; vpcId?: string; subnetId?: string; launchedAt?: Seconds; ipV4Addresses?: string[]; ipV6Addresses?: string[] };
    awsLambdaFunction?: { functionName: string; runtime: string; version: string; executionRoleArn: string; codeSha256: string; layers?: string[]; lastModifiedAt?: Seconds };
    codeRepository?: { projectName?: string; providerType?: string };
  };
}

// Counts of findings by severity. OTHER: below medium, not told apart; more: there
// are more than were counted.
export type Counts = Partial<Record<SeverityName | 'OTHER', number>> & { total: number; more?: boolean };

export interface FindingsView {
  findings: Finding[];
  nextToken?: string;
  counts: Counts;
}
