// Source: API reference of Amazon Inspector, CoveredResource; doc/rest.md.
import type { Seconds } from '../../api/types.ts';

export interface Covered {
  resourceType: string;
  resourceId: string;
  accountId: string;
  scanType: string;
  scanStatus?: { statusCode: 'ACTIVE' | 'INACTIVE'; reason: string };
  scanMode?: string;
  lastScannedAt?: Seconds;
  provider?: string;
  providerAccountId?: string;
  providerRegion?: string;
  resourceMetadata?: {
    ec2?: { tags?: Tags; amiId?: string; platform?: string };
    vmInstance?: { tags?: Tags; vmImageReference?: string; platform?: string };
    ecrImage?: Image & { tags?: string[] };
    containerImage?: Image & { imageTags?: string[] };
    ecrRepository?: { name?: string; scanFrequency?: string };
    containerRepository?: { name?: string };
    containerRegistry?: { name?: string };
    lambdaFunction?: { functionTags?: Tags; layers?: string[]; functionName?: string; runtime?: string };
    serverlessFunction?: { functionTags?: Tags; serverlessFunctionName?: string; runtime?: string };
    codeRepository?: { projectName: string; providerType: string; providerTypeVisibility: string; lastScannedCommitId?: string };
  };
}

type Tags = Record<string, string>;
interface Image {
  imagePulledAt?: Seconds;
  lastInUseAt?: Seconds;
  inUseCount?: number;
}

export interface Reason {
  reason: string;
  code: string;
  means: string;
  remedy?: string;
}

// How many resources of a type are scanned. Images are two types: those of watched
// registries, and those that were handed in.
export interface TypeCoverage {
  type: string;
  images?: Images;
  total: number;
  scanned: number;
  reasons: { reason: string; resources: number }[];
}

export type Images = 'watched' | 'handed-in';

// The answer to POST coverage/view.
export interface CoverageView {
  coveredResources: Covered[];
  nextToken?: string;
  total: number;
  types?: TypeCoverage[]; // absent: the caller may not see them
  reasons?: Reason[]; // that the resources have
}

// nameOf returns what a person calls a resource.
export function nameOf({ resourceId, resourceMetadata: m }: Covered): string {
  const image = /:repository\/(.+)\/(sha256:[0-9a-f]+)$/.exec(resourceId);
  if (image) {
    const tag = m?.ecrImage?.tags?.[0];
    return image[1] + (tag ? `:${tag}` : `@${image[2]!.slice(7, 19)}`);
  }
  return m?.lambdaFunction?.functionName ?? m?.serverlessFunction?.serverlessFunctionName ?? m?.ecrRepository?.name
    ?? m?.codeRepository?.projectName ?? m?.containerRepository?.name ?? m?.containerRegistry?.name ?? tagsOf(m).Name ?? resourceId;
}

// tagsOf returns the tags of a host or function.
export function tagsOf(m: Covered['resourceMetadata']): Tags {
  return m?.ec2?.tags ?? m?.vmInstance?.tags ?? m?.lambdaFunction?.functionTags ?? m?.serverlessFunction?.functionTags ?? {};
}

export const imageOf = (m: Covered['resourceMetadata']): Image => m?.ecrImage ?? m?.containerImage ?? {};
export const imageTags = (m: Covered['resourceMetadata']): string[] => m?.ecrImage?.tags ?? m?.containerImage?.imageTags ?? [];
export const keyOf = (c: Covered) => `${c.accountId}/${c.resourceType}/${c.scanType}/${c.resourceId}`;
