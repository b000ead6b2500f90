import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { may, useSession } from '../../api/session.ts';
import { Go } from '../../parts/Go.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Page } from '../../parts/Page.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { Body } from './Body.tsx';
import { Level } from './Heading.tsx';
import { useFinding } from './query.ts';
import { Suppress } from './Suppress.tsx';
import { titleOf } from './words.ts';

const crumbs = [{ text: 'Findings', href: '/findings' }];

// One is the page of one finding.
export function One({ arn }: { arn: string }) {
  const session = useSession().data;
  const [suppressing, suppress] = useState(false);
  const query = useFinding(arn);
  const finding = query.data;
  if (query.error) return <Page title="Finding" crumbs={crumbs}><Problem error={query.error} retry={() => void query.refetch()} /></Page>;
  if (finding === undefined) return <Page title="Finding" crumbs={crumbs}><StatusIndicator type="loading">Loading the finding</StatusIndicator></Page>;
  if (finding === null) {
    return (
      <Page title="Finding" crumbs={crumbs}>
        <Container>
          <Empty
            title="There is no such finding"
            text="It may have been closed and removed since, or belong to an account that you do not see. Closed findings are kept for 30 days, those of resources that are gone for 3."
            action={<Go to="/findings">See all findings</Go>}
          />
        </Container>
      </Page>
    );
  }
  const suppresses = finding.status === 'ACTIVE' && may(session, 'inspector2:CreateFilter');
  return (
    <Page title={titleOf(finding)} crumbs={crumbs} actions={suppresses && <Button onClick={() => suppress(true)}>Suppress…</Button>}>
      <Level value="h2"><Body of={finding} variant="container" /></Level>
      {suppressing && <Suppress findings={[finding]} onDone={() => suppress(false)} />}
    </Page>
  );
}
