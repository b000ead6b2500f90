import Button from '@cloudscape-design/components/button';
import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Alert from '@cloudscape-design/components/alert';
import { resourceTypeNames } from '../../filter/fields.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { Go } from '../../parts/Go.tsx';
import { findingsPath } from '../../parts/links.ts';
import { named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { Remedy, Status } from './Status.tsx';
import { imageOf, imageTags, tagsOf, type Covered, type Reason } from './types.ts';
import { modeNames, reasonNames, scanTypeNames } from './words.ts';

interface Props {
  of: Covered;
  reasons: Reason[] | undefined;
  onRescan?: () => void;
  busy: boolean;
}

// Details is all that is known of the coverage of one resource.
export function Details({ of: c, reasons, onRescan, busy }: Props) {
  const m = c.resourceMetadata;
  const reason = reasons?.find((r) => r.reason === c.scanStatus?.reason);
  const tags = Object.entries(tagsOf(m)).map(([key, value]) => `${key}=${value}`).concat(imageTags(m));
  const image = imageOf(m);
  const optional = (label: string, value: string | undefined): KeyValuePairsProps.Item[] => (value ? [{ label, value }] : []);
  return (
    <SpaceBetween size="l">
      {reason && reason.reason !== 'SUCCESSFUL' && (
        <Alert type={reason.code === 'ACTIVE' ? 'info' : 'warning'} header={named(reason.reason, reasonNames)}><Remedy of={reason} /></Alert>
      )}
      <SpaceBetween direction="horizontal" size="m" alignItems="center">
        {onRescan && <Button onClick={onRescan} loading={busy}>Scan again</Button>}
        <Go to={findingsPath({ resourceId: c.resourceId })}>Findings of this resource</Go>
      </SpaceBetween>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Resource ID', value: <span className="break"><CopyId id={c.resourceId} /></span> },
          { label: 'Resource type', value: named(c.resourceType, resourceTypeNames) },
          { label: 'Account', value: <CopyId id={c.accountId} /> },
          { label: 'Status', value: <Status of={c} /> },
          { label: 'Reason', value: c.scanStatus ? named(c.scanStatus.reason, reasonNames) : '–' },
          { label: 'Last scanned', value: <Time at={c.lastScannedAt} none="Never" /> },
          { label: 'Scan type', value: named(c.scanType, scanTypeNames) },
          { label: 'Monitored using', value: c.scanMode ? named(c.scanMode, modeNames) : '–' },
          { label: 'Tags', value: tags.length > 0 ? tags.join(', ') : '–' },
          ...optional('AMI', m?.ec2?.amiId),
          ...optional('Runtime', m?.serverlessFunction?.runtime),
          ...optional('Layers', m?.lambdaFunction?.layers?.join(', ')),
          ...(m?.ecrImage || m?.containerImage
            ? [
                { label: 'Last pulled', value: <Time at={image.imagePulledAt} /> },
                { label: 'Last in use', value: <Time at={image.lastInUseAt} /> },
                { label: 'In use by', value: <span className="numbers">{image.inUseCount ?? '–'}</span> },
              ]
            : []),
          ...optional('Region', c.providerRegion),
        ]}
      />
    </SpaceBetween>
  );
}
