// What findings and coverage can be filtered by.
// Source: the API reference of Amazon Inspector, FilterCriteria and
// CoverageFilterCriteria.

// text: a string; date, number and ports: a range; tag: a key with or without
// a value; raw: a filter that the page can keep but not take apart.
export type Kind = 'text' | 'date' | 'number' | 'ports' | 'tag' | 'raw';

export interface Field {
  // The member of the criteria; with a dot, a member of its package filter.
  name: string;
  label: string; // singular, for a person
  group: string;
  kind: Kind;
  values?: Option[]; // all there are; absent: the server is asked
  prefix?: boolean; // whether "starts with" works
}

export interface Option {
  value: string;
  label: string;
}

const options = (values: Record<string, string>): Option[] =>
  Object.entries(values).map(([value, label]) => ({ value, label }));

export const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNTRIAGED'] as const;
export type SeverityName = (typeof severities)[number];

export const severityNames: Record<SeverityName, string> = {
  CRITICAL: 'Critical',
  HIGH: 'High',
  MEDIUM: 'Medium',
  LOW: 'Low',
  INFORMATIONAL: 'Informational',
  UNTRIAGED: 'Untriaged',
};

export const statusNames: Record<string, string> = { ACTIVE: 'Active', SUPPRESSED: 'Suppressed', CLOSED: 'Closed' };

export const typeNames: Record<string, string> = {
  PACKAGE_VULNERABILITY: 'Package vulnerability',
  NETWORK_REACHABILITY: 'Network reachability',
  CODE_VULNERABILITY: 'Code vulnerability',
};

export const resourceTypeNames: Record<string, string> = {
  AWS_EC2_INSTANCE: 'Host',
  AWS_ECR_CONTAINER_IMAGE: 'Container image',
  AWS_ECR_REPOSITORY: 'Image repository',
  AWS_LAMBDA_FUNCTION: 'Function',
  CODE_REPOSITORY: 'Code repository',
  'Microsoft.Compute/virtualMachines': 'Azure virtual machine',
  'Microsoft.ContainerRegistry/registry/containerImage': 'Azure container image',
  'Microsoft.Web/sites': 'Azure function',
};

// The types a finding can be of; coverage knows one more.
const findingResources = options(resourceTypeNames).filter((o) => o.value !== 'AWS_ECR_REPOSITORY');
const providers = options({ AWS: 'AWS', AZURE: 'Azure' });
const hosts = options({ GITHUB: 'GitHub', GITLAB_SELF_MANAGED: 'GitLab, self-managed' });
const yesNo = options({ YES: 'Yes', NO: 'No' });

const row = (kind: Kind, prefix: boolean) => (group: string, name: string, label: string, values?: Option[]): Field => ({
  name, label, group, kind, values, prefix: prefix && !values,
});
const text = row('text', true);
const exact = row('text', false); // coverage has no "starts with"
const date = row('date', false);
const number = row('number', false);
const tag = row('tag', false);

export const findingFields: Field[] = [
  text('Finding', 'severity', 'Severity', options(severityNames)),
  text('Finding', 'findingStatus', 'Status', options(statusNames)),
  text('Finding', 'findingType', 'Finding type', options(typeNames)),
  text('Finding', 'title', 'Title'),
  number('Finding', 'inspectorScore', 'Score'),
  text('Finding', 'fixAvailable', 'Fix available', options({ YES: 'Yes', NO: 'No', PARTIAL: 'Partial' })),
  text('Finding', 'exploitAvailable', 'Exploit available', yesNo),
  date('Finding', 'firstObservedAt', 'First seen'),
  date('Finding', 'lastObservedAt', 'Last seen'),
  date('Finding', 'updatedAt', 'Updated'),
  text('Finding', 'findingArn', 'Finding ARN'),
  text('Finding', 'awsAccountId', 'Account'),

  text('Vulnerability', 'vulnerabilityId', 'Vulnerability ID'),
  text('Vulnerability', 'relatedVulnerabilities', 'Related vulnerability'),
  text('Vulnerability', 'vulnerabilitySource', 'Source of the vulnerability'),
  text('Vulnerability', 'vendorSeverity', 'Severity by the publisher'),
  number('Vulnerability', 'epssScore', 'EPSS score'),

  text('Package', 'vulnerablePackages.name', 'Package name'),
  text('Package', 'vulnerablePackages.version', 'Package version'),
  number('Package', 'vulnerablePackages.epoch', 'Package epoch'),
  text('Package', 'vulnerablePackages.release', 'Package release'),
  text('Package', 'vulnerablePackages.architecture', 'Package architecture'),
  text('Package', 'vulnerablePackages.filePath', 'Package file path'),
  text('Package', 'vulnerablePackages.sourceLayerHash', 'Package image layer'),
  text('Package', 'vulnerablePackages.sourceLambdaLayerArn', 'Package function layer'),
  row('raw', false)('Package', 'vulnerablePackages', 'Package filter'),

  text('Resource', 'resourceType', 'Resource type', findingResources),
  text('Resource', 'resourceId', 'Resource ID'),
  tag('Resource', 'resourceTags', 'Resource tag'),
  text('Resource', 'componentId', 'Component ID'),
  text('Resource', 'componentType', 'Component type'),

  text('Host', 'ec2InstanceImageId', 'Host image (AMI)'),
  text('Host', 'ec2InstanceVpcId', 'Host VPC'),
  text('Host', 'ec2InstanceSubnetId', 'Host subnet'),
  row('ports', false)('Host', 'portRange', 'Open port'),
  text('Host', 'networkProtocol', 'Network protocol', options({ TCP: 'TCP', UDP: 'UDP' })),

  text('Image', 'ecrImageRepositoryName', 'Image repository'),
  text('Image', 'ecrImageTags', 'Image tag'),
  text('Image', 'ecrImageRegistry', 'Image registry'),
  text('Image', 'ecrImageHash', 'Image digest'),
  text('Image', 'ecrImageArchitecture', 'Image architecture'),
  date('Image', 'ecrImagePushedAt', 'Image pushed'),
  date('Image', 'ecrImageLastInUseAt', 'Image last in use'),
  number('Image', 'ecrImageInUseCount', 'Image in use by'),

  text('Function', 'lambdaFunctionName', 'Function name'),
  text('Function', 'lambdaFunctionRuntime', 'Function runtime'),
  text('Function', 'lambdaFunctionLayers', 'Function layer'),
  text('Function', 'lambdaFunctionExecutionRoleArn', 'Function role'),
  date('Function', 'lambdaFunctionLastModifiedAt', 'Function modified'),

  text('Code', 'codeVulnerabilityDetectorName', 'Detector'),
  text('Code', 'codeVulnerabilityDetectorTags', 'Detector tag'),
  text('Code', 'codeVulnerabilityFilePath', 'Code file path'),
  text('Code', 'codeRepositoryProjectName', 'Code repository'),
  text('Code', 'codeRepositoryProviderType', 'Code repository provider', hosts),

  text('Other clouds', 'cloudProvider', 'Cloud', providers),
  text('Other clouds', 'cloudProviderRegion', 'Cloud region'),
  text('Other clouds', 'cloudProviderAccountId', 'Cloud account'),
  text('Other clouds', 'cloudProviderOrgId', 'Cloud organisation'),
  text('Other clouds', 'cloudVmImageReference', 'Virtual machine image'),
  text('Other clouds', 'cloudVmNetworkId', 'Virtual machine network'),
  text('Other clouds', 'cloudVmSubnetIds', 'Virtual machine subnet'),
  text('Other clouds', 'cloudImageRepositoryName', 'Cloud image repository'),
  text('Other clouds', 'cloudImageRegistry', 'Cloud image registry'),
  text('Other clouds', 'cloudImageDigest', 'Cloud image digest'),
  text('Other clouds', 'cloudImageTags', 'Cloud image tag'),
  text('Other clouds', 'cloudImageArchitecture', 'Cloud image architecture'),
  date('Other clouds', 'cloudImagePushedAt', 'Cloud image pushed'),
  date('Other clouds', 'cloudImageLastInUseAt', 'Cloud image last in use'),
  number('Other clouds', 'cloudImageInUseCount', 'Cloud image in use by'),
  text('Other clouds', 'cloudServerlessFunctionName', 'Cloud function name'),
  text('Other clouds', 'cloudServerlessFunctionRuntime', 'Cloud function runtime'),
  text('Other clouds', 'cloudServerlessFunctionExecutionRole', 'Cloud function role'),
  date('Other clouds', 'cloudServerlessFunctionLastModifiedAt', 'Cloud function modified'),
];

export const coverageFields: Field[] = [
  exact('Scan', 'scanStatusCode', 'Scan status', options({ ACTIVE: 'Active', INACTIVE: 'Inactive' })),
  exact('Scan', 'scanStatusReason', 'Reason'),
  exact('Scan', 'scanType', 'Scan type', options({ PACKAGE: 'Packages', NETWORK: 'Network', CODE: 'Code' })),
  exact('Scan', 'scanMode', 'Monitored using', options({
    EC2_SSM_AGENT_BASED: 'SSM agent',
    EC2_AGENTLESS: 'No agent',
    EC2_INSPECTOR_AGENT_BASED: 'Assay agent',
    VM_INSPECTOR_AGENT_BASED: 'Assay agent on a virtual machine',
  })),
  date('Scan', 'lastScannedAt', 'Last scanned'),
  exact('Scan', 'lastScannedCommitId', 'Last scanned commit'),
  exact('Resource', 'resourceType', 'Resource type', options(resourceTypeNames)),
  exact('Resource', 'resourceId', 'Resource ID'),
  exact('Resource', 'accountId', 'Account'),
  tag('Host', 'ec2InstanceTags', 'Host tag'),
  exact('Image', 'ecrRepositoryName', 'Image repository'),
  exact('Image', 'ecrImageTags', 'Image tag'),
  date('Image', 'imagePulledAt', 'Image pulled'),
  date('Image', 'ecrImageLastInUseAt', 'Image last in use'),
  number('Image', 'ecrImageInUseCount', 'Image in use by'),
  exact('Function', 'lambdaFunctionName', 'Function name'),
  exact('Function', 'lambdaFunctionRuntime', 'Function runtime'),
  tag('Function', 'lambdaFunctionTags', 'Function tag'),
  exact('Code', 'codeRepositoryProjectName', 'Code repository'),
  exact('Code', 'codeRepositoryProviderType', 'Code repository provider', hosts),
  exact('Code', 'codeRepositoryProviderTypeVisibility', 'Code repository visibility', options({ PRIVATE: 'Private', PUBLIC: 'Public' })),
  exact('Other clouds', 'cloudProvider', 'Cloud', providers),
  exact('Other clouds', 'cloudProviderAccountId', 'Cloud account'),
  exact('Other clouds', 'cloudProviderRegion', 'Cloud region'),
  exact('Other clouds', 'cloudProviderOrgId', 'Cloud organisation'),
  tag('Other clouds', 'cloudVmInstanceTags', 'Virtual machine tag'),
  exact('Other clouds', 'cloudContainerImageTags', 'Cloud image tag'),
  exact('Other clouds', 'cloudContainerRepositoryName', 'Cloud image repository'),
  exact('Other clouds', 'cloudContainerRegistryName', 'Cloud image registry'),
  exact('Other clouds', 'cloudServerlessFunctionName', 'Cloud function name'),
  exact('Other clouds', 'cloudServerlessFunctionRuntime', 'Cloud function runtime'),
  tag('Other clouds', 'cloudServerlessFunctionTags', 'Cloud function tag'),
];
