import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Go } from '../../parts/Go.tsx';
import { vulnerabilityPath } from '../../parts/links.ts';
import { Page } from '../../parts/Page.tsx';
import { SearchBox } from './SearchBox.tsx';

// Ids of each kind that can be looked up.
const kinds: [string, string][] = [
  ['CVE-2021-44228', 'the CVE list'],
  ['GHSA-jfh8-c2jp-5v3q', 'GitHub: packages of programming languages'],
  ['DSA-5139-1', 'Debian'],
  ['USN-5402-1', 'Ubuntu'],
  ['RHSA-2021:5127', 'Red Hat'],
];

// Search is the page before anything has been searched for.
export const Search = () => (
  <Page title="Vulnerability search" description="What is known of a vulnerability, and which of your resources it hits.">
    <SpaceBetween size="l">
      <Container><SearchBox /></Container>
      <Container header={<Header variant="h2" description="The advisory database of this server knows the vulnerabilities of what it can scan, hit or not.">IDs that can be searched for</Header>}>
        <dl className="vulnerability-ids">
          {kinds.map(([id, publisher]) => (
            <div key={id} style={{ display: 'contents' }}>
              <dt><Go to={vulnerabilityPath(id)}>{id}</Go></dt>
              <dd><Box color="text-body-secondary">{publisher}</Box></dd>
            </div>
          ))}
        </dl>
      </Container>
    </SpaceBetween>
  </Page>
);
