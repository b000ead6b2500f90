import SpaceBetween from '@cloudscape-design/components/space-between';
import { may, useSession } from '../../../api/session.ts';
import { Sub } from '../common/Sub.tsx';
import { Inspection } from './Inspection.tsx';
import { Scans } from './Scans.tsx';

export default function Scanning() {
  const session = useSession().data;
  return (
    <Sub title="Scanning" description="How long images are scanned again, how hosts are scanned, and where packages are looked for." action="inspector2:GetConfiguration">
      <SpaceBetween size="l">
        <Scans />
        {may(session, 'inspector2:GetEc2DeepInspectionConfiguration') && <Inspection />}
      </SpaceBetween>
    </Sub>
  );
}
