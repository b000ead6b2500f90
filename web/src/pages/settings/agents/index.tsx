import { may, useSession } from '../../../api/session.ts';
import { Sub, Tabbed } from '../common/Sub.tsx';
import { AgentList } from './AgentList.tsx';
import { TokenList } from './TokenList.tsx';

export default function Agents() {
  const session = useSession().data;
  return (
    <Sub title="Agents" description="An agent tells what a host holds, seconds after it changes. It only reads." action="assay:ListAgents">
      <Tabbed
        label="Hosts and tokens"
        tabs={[
          { id: 'hosts', label: 'Hosts', content: () => <AgentList /> },
          { id: 'tokens', label: 'Enrolment tokens', shown: may(session, 'assay:ListEnrollments'), content: () => <TokenList /> },
        ]}
      />
    </Sub>
  );
}
