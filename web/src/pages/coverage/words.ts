// What the API's words on coverage mean to a person.
// Source: API reference of Amazon Inspector, ScanStatusReason and ScanMode;
// doc/coverage.md, from which the longer texts and the remedies come.

export const reasonNames: Record<string, string> = {
  SUCCESSFUL: 'Scanned and watched',
  PENDING_INITIAL_SCAN: 'Waiting for the first scan',
  SCAN_IN_PROGRESS: 'Being scanned',
  PENDING_REVIVAL_SCAN: 'Eligible again, waiting for a scan',
  SCAN_FREQUENCY_SCAN_ON_PUSH: 'Scanned on push only',
  DEEP_INSPECTION_PACKAGE_COLLECTION_LIMIT_EXCEEDED: 'Too many packages of programming languages',
  DEEP_INSPECTION_COLLECTION_TIME_LIMIT_EXCEEDED: 'Deep inspection took too long',
  DEEP_INSPECTION_DAILY_SSM_INVENTORY_LIMIT_EXCEEDED: 'Inventory of the day is used up',
  DEEP_INSPECTION_NO_INVENTORY: 'No inventory of programming languages yet',
  UNMANAGED_EC2_INSTANCE: 'No agent',
  NO_INVENTORY: 'No list of packages yet',
  STALE_INVENTORY: 'No inventory for seven days',
  EC2_INSTANCE_STOPPED: 'Stopped',
  AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED: 'Too much storage to scan without an agent',
  AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED: 'Scan without an agent took too long',
  UNSUPPORTED_OS: 'Operating system not supported',
  UNSUPPORTED_MEDIA_TYPE: 'Image format not supported',
  UNSUPPORTED_RUNTIME: 'Runtime not supported',
  UNSUPPORTED_CODE_ARTIFACTS: 'Code of the function cannot be read',
  UNSUPPORTED_LANGUAGE: 'Language not supported',
  UNSUPPORTED_CONFIG_FILE: 'Configuration not supported',
  EXCLUDED_BY_TAG: 'Excluded by a tag',
  SCAN_FREQUENCY_MANUAL: 'Scanned by hand only',
  SCAN_ELIGIBILITY_EXPIRED: 'Not used for too long',
  IMAGE_ARCHIVED: 'Archived',
  IMAGE_SIZE_EXCEEDED: 'Image too large',
  ACCESS_DENIED: 'Access denied',
  ACCESS_DENIED_TO_ENCRYPTION_KEY: 'Access to the encryption key denied',
  RESOURCE_TERMINATED: 'Gone',
  PENDING_DISABLE: 'Scan type switched off',
  NO_SCAN_CONFIGURATION_ASSOCIATED: 'No scan configuration',
  INTEGRATION_CONNECTION_LOST: 'Code host cannot be reached',
  RESOURCE_UNMANAGED: 'No agent (other cloud)',
  RESOURCE_STOPPED: 'Stopped (other cloud)',
  INTERNAL_ERROR: 'The server failed at the scan',
  NO_RESOURCES_FOUND: 'No resources found',
};

export const scanTypeNames: Record<string, string> = { PACKAGE: 'Packages', NETWORK: 'Network', CODE: 'Code' };

export const modeNames: Record<string, string> = {
  EC2_SSM_AGENT_BASED: 'SSM agent',
  EC2_AGENTLESS: 'No agent',
  EC2_INSPECTOR_AGENT_BASED: 'Assay agent',
  VM_INSPECTOR_AGENT_BASED: 'Assay agent',
};

// The reasons for which a resource is not scanned yet but will be, without
// anybody doing something.
export const waiting = new Set(['PENDING_INITIAL_SCAN', 'PENDING_REVIVAL_SCAN', 'SCAN_IN_PROGRESS']);
