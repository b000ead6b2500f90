// Source: doc/rest.md and internal/server/download.go, ReportLinks.
import { coverageFields, type Field } from '../../filter/fields.ts';

export type Kind = 'findings-report' | 'sbom-export';

export interface Report {
  id: string;
  kind: Kind;
  format: string;
  status: 'IN_PROGRESS' | 'SUCCEEDED' | 'CANCELLED' | 'FAILED';
  errorCode?: string;
  errorMessage?: string;
  bucket: string;
  done: number; // findings or documents written so far
  skipped: number; // resources without a list of packages
  ordered: string;
  ended?: string;
  objects: { key: string; size: number; url: string; expires: string }[];
  next?: string;
}

// The bucket that stands for the place where the server keeps reports itself.
export const own = 'assay';

export const formatNames: Record<string, string> = { CSV: 'CSV', JSON: 'JSON', CYCLONEDX_1_4: 'CycloneDX 1.4', SPDX_2_3: 'SPDX 2.3' };
export const kindNames: Record<Kind, string> = { 'findings-report': 'Findings report', 'sbom-export': 'SBOM export' };

export const nameOf = (r: Report) => `${kindNames[r.kind]}, ${formatNames[r.format] ?? r.format}`;

// What an SBOM export can be narrowed by.
// Source: API reference of Amazon Inspector, ResourceFilterCriteria.
const names = new Set([
  'accountId', 'resourceId', 'resourceType', 'ecrRepositoryName', 'lambdaFunctionName', 'ecrImageTags', 'ec2InstanceTags', 'lambdaFunctionTags',
  'cloudProvider', 'cloudProviderAccountId', 'cloudProviderOrgId', 'cloudProviderRegion', 'cloudVmInstanceTags', 'cloudContainerImageTags',
  'cloudContainerRepositoryName', 'cloudContainerRegistryName', 'cloudServerlessFunctionName', 'cloudServerlessFunctionRuntime', 'cloudServerlessFunctionTags',
]);
export const resourceFields: Field[] = coverageFields.filter((f) => names.has(f.name));

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];

// bytes returns a size for people.
export function bytes(n: number): string {
  const power = n < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return `${power === 0 ? n : (n / 1000 ** power).toFixed(1)} ${units[power]}`;
}

// local returns the address of a link at the server that the page came from,
// whatever the server calls itself.
export function local(url: string): string {
  const { pathname, search } = new URL(url, window.location.origin);
  return pathname + search;
}
