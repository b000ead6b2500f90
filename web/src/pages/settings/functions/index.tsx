import { may, useSession } from '../../../api/session.ts';
import { Sub, Tabbed } from '../common/Sub.tsx';
import { FunctionList } from './FunctionList.tsx';
import { SourceList } from './SourceList.tsx';

export default function Functions() {
  const session = useSession().data;
  return (
    <Sub title="Functions" description="Functions are scanned with their layers: found in a folder or a bucket that is watched, or uploaded." action="assay:ListFunctionSources">
      <Tabbed
        label="Sources and functions"
        tabs={[
          { id: 'sources', label: 'Sources', content: () => <SourceList /> },
          { id: 'functions', label: 'Functions', shown: may(session, 'inspector2:ListCoverage'), content: () => <FunctionList /> },
        ]}
      />
    </Sub>
  );
}
