import { useQuery } from '@tanstack/react-query';
import { may, useSession } from '../../../api/session.ts';
import { useChosen } from '../../../parts/view.ts';
import { Sub, Tabbed } from '../common/Sub.tsx';
import { DeadLetters } from './DeadLetters.tsx';
import { SinkForm } from './SinkForm.tsx';
import { SinkList } from './SinkList.tsx';
import { sinksQuery } from './sink.ts';

export default function Sinks() {
  const session = useSession().data;
  const [edited, edit] = useChosen('edit');
  const [tab] = useChosen('tab');
  const query = useQuery({ ...sinksQuery, enabled: may(session, 'assay:ListSinks') && session?.management === true && tab !== 'dead' });
  const before = query.data?.find((s) => s.name === edited);
  // A new one has a place of its own in the address: a sink may be named "new".
  if (edited === '' && may(session, 'assay:CreateSink') && session?.management) return <SinkForm onClose={() => edit(undefined)} />;
  if (before && may(session, 'assay:UpdateSink')) return <SinkForm key={before.name} before={before} onClose={() => edit(undefined)} />;
  return (
    <Sub title="Event sinks" description="Whatever changes is told to sinks: findings that open, change and close, first scans, coverage, rules." action="assay:ListSinks" management>
      <Tabbed
        label="Sinks and dead letters"
        tabs={[
          { id: 'sinks', label: 'Sinks', content: () => <SinkList query={query} onEdit={edit} /> },
          { id: 'dead', label: 'Dead letters', shown: may(session, 'assay:ListDeadLetters'), content: () => <DeadLetters /> },
        ]}
      />
    </Sub>
  );
}
