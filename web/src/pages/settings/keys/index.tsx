import { may, useSession } from '../../../api/session.ts';
import { Sub, Tabbed } from '../common/Sub.tsx';
import { KeyList } from './KeyList.tsx';
import { SessionList } from './SessionList.tsx';

export default function Keys() {
  const session = useSession().data;
  return (
    <Sub title="API keys" description="Access keys for people, CI and Amazon’s clients, and who is signed in to this page." action="assay:ListKeys">
      <Tabbed
        label="Keys and sessions"
        tabs={[
          { id: 'keys', label: 'Access keys', content: () => <KeyList /> },
          { id: 'sessions', label: 'Sessions and sign-in links', shown: may(session, 'assay:ListSessions'), content: () => <SessionList /> },
        ]}
      />
    </Sub>
  );
}
