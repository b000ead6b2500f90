import { queryOptions } from '@tanstack/react-query';
import { get } from '../../../api/client.ts';

// How images and hosts are scanned.
// Source: Inspector2 API reference, GetConfiguration and UpdateConfiguration.
export interface Configuration {
  ecrConfiguration?: { rescanDurationState?: { rescanDuration?: string; status?: string; updatedAt?: number; pullDateRescanDuration?: string; pullDateRescanMode?: string } };
  ec2Configuration?: { scanModeState?: { scanMode?: string; scanModeStatus?: string } };
}

// Where packages of languages are looked for on hosts.
// Source: Inspector2 API reference, GetEc2DeepInspectionConfiguration.
export interface Inspected {
  packagePaths?: string[];
  orgPackagePaths?: string[];
  status?: string;
  errorMessage?: string;
}

// scanningQuery asks for both, as far as the caller may see them.
export const scanningQuery = queryOptions({
  queryKey: ['scanning'],
  queryFn: ({ signal }) => get<{ configuration?: Configuration; inspection?: Inspected }>('/assay/v1/views/scanning', signal),
});
