import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Go } from '../../parts/Go.tsx';
import { count, named, percent } from '../../parts/text.ts';
import type { Covered, Summary } from './types.ts';

const names: Record<string, string> = {
  AWS_EC2_INSTANCE: 'Hosts',
  AWS_ECR_REPOSITORY: 'Image repositories',
  AWS_ECR_CONTAINER_IMAGE: 'Container images',
  AWS_LAMBDA_FUNCTION: 'Functions',
  CODE_REPOSITORY: 'Code repositories',
  'Microsoft.Compute/virtualMachines': 'Azure virtual machines',
  'Microsoft.ContainerRegistry/registry/containerImage': 'Azure container images',
  'Microsoft.Web/sites': 'Azure functions',
};

// Why a resource is not scanned. Source: doc/coverage.md.
const reasons: Record<string, string> = {
  PENDING_INITIAL_SCAN: 'first scan is queued',
  PENDING_REVIVAL_SCAN: 'eligible again, scan is queued',
  SCAN_IN_PROGRESS: 'being scanned',
  NO_INVENTORY: 'agent has sent no list of packages',
  STALE_INVENTORY: 'no inventory for seven days',
  UNMANAGED_EC2_INSTANCE: 'no agent',
  RESOURCE_UNMANAGED: 'no agent',
  UNSUPPORTED_OS: 'no advisories for the operating system',
  UNSUPPORTED_MEDIA_TYPE: 'format cannot be read',
  UNSUPPORTED_CODE_ARTIFACTS: 'code is no zip archive',
  EXCLUDED_BY_TAG: 'excluded by a tag',
  SCAN_ELIGIBILITY_EXPIRED: 'not used for long',
  ACCESS_DENIED: 'may not be read',
  ACCESS_DENIED_TO_ENCRYPTION_KEY: 'encrypted with its owner’s key',
  RESOURCE_TERMINATED: 'gone',
  RESOURCE_STOPPED: 'stopped',
  EC2_INSTANCE_STOPPED: 'stopped',
  PENDING_DISABLE: 'scanning is switched off',
  IMAGE_SIZE_EXCEEDED: 'larger than allowed',
  INTERNAL_ERROR: 'scan failed, will be tried again',
};

const coveragePath = (filter: Record<string, string>) => `/coverage?${new URLSearchParams(filter)}`;

// Coverage shows how much of what is known is scanned, and why the rest is not.
export function Coverage({ summary }: { summary: Summary }) {
  const { coverage, accounts } = summary;
  return (
    <Container fitHeight header={<Header variant="h2">Coverage</Header>}>
      <SpaceBetween size="m">
        {coverage.filter(({ total }) => total > 0).map((covered) => <Row key={covered.type} of={covered} />)}
        {accounts.total > 1 && <div className="summary-line"><Go to="/accounts">Accounts</Go><span className="numbers">{count(accounts.active)} of {count(accounts.total)} active</span></div>}
      </SpaceBetween>
    </Container>
  );
}

function Row({ of: { type, total, scanned, reasons: why = [] } }: { of: Covered }) {
  const name = names[type] ?? named(type);
  return (
    <div>
      <div className="summary-line">
        <Go to={coveragePath({ resourceType: type })}>{name}</Go>
        <span className="numbers">{count(scanned)} of {count(total)} scanned, {percent(scanned, total)}</span>
      </div>
      <div className="summary-meter" aria-hidden="true"><span style={{ inlineSize: `${(100 * scanned) / total}%` }} /></div>
      {why.length > 0 && (
        <ul className="summary-reasons" aria-label={`${name} that are not scanned`}>
          {why.map(({ reason, resources }) => (
            <li key={reason}>
              <Go fontSize="body-s" to={coveragePath({ resourceType: type, scanStatusReason: reason })}><span className="numbers">{count(resources)}</span> not scanned: {reasons[reason] ?? named(reason).toLowerCase()}</Go>
            </li>
          ))}
        </ul>
      )}
      {why.length === 0 && scanned < total && <Box fontSize="body-s" color="text-body-secondary">The others are not scanned.</Box>}
    </div>
  );
}
