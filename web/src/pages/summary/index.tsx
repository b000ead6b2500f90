import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { typeNames } from '../../filter/fields.ts';
import type { Advisories } from '../../api/types.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Go } from '../../parts/Go.tsx';
import { findingsPath } from '../../parts/links.ts';
import { Page } from '../../parts/Page.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { SeverityBar } from '../../parts/Severity.tsx';
import { count, named, plural } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { Coverage } from './Coverage.tsx';
import { Latest, MostHit, Remediations } from './Lists.tsx';
import { covered, summaryQuery } from './query.ts';
import { Trends } from './Trends.tsx';
import type { Summary as Data } from './types.ts';
import { GoButton } from '../../parts/GoButton.tsx';
import './summary.css';

export default function Summary() {
  const query = useQuery(summaryQuery);
  const { data, error } = query;
  return (
    <Page
      title="Summary"
      description={data ? <About summary={data} /> : 'What is watched, and what to do first.'}
      actions={<Button iconName="refresh" ariaLabel="Load the summary again" loading={query.isFetching && !query.isPending} onClick={() => void query.refetch()} />}
    >
      <SpaceBetween size="l">
        {error && <Problem error={error} retry={() => void query.refetch()} />}
        {query.isPending && <Container><Box textAlign="center" padding="xxl"><StatusIndicator type="loading">Loading the summary</StatusIndicator></Box></Container>}
        {data && !covered(data) && <Nothing />}
        {data && covered(data) && <Parts summary={data} />}
      </SpaceBetween>
    </Page>
  );
}

function About({ summary: { asOf, waiting } }: { summary: Data }) {
  const waits = [waiting.scans > 0 && plural(waiting.scans, 'scan'), waiting.jobs > 0 && plural(waiting.jobs, 'job')].filter(Boolean);
  return <>As of <Time at={asOf} />.{waits.length > 0 && <> Not done yet: {waits.join(' and ')}.</>}</>;
}

const Nothing = () => (
  <Container>
    <Empty
      title="Nothing is watched yet"
      text="Scan this machine, enrol a host, or add a registry or a folder of functions. What is found shows here within a minute."
      action={<GoButton to="/start" variant="primary">Get started</GoButton>}
    />
  </Container>
);

const Parts = ({ summary }: { summary: Data }) => (
  <SpaceBetween size="l">
    <Age of={summary.advisories} asOf={summary.asOf} />
    <div className="summary-pair">
      <Figures summary={summary} />
      <Coverage summary={summary} />
    </div>
    <Trends summary={summary} />
    <Remediations of={summary.remediations} />
    <MostHit top={summary.top} accounts={summary.accounts} />
    <Latest of={summary.newest} />
  </SpaceBetween>
);

// old is the age from which advisories are said to be old: feeds are read daily.
const old = 7 * 86_400_000; // milliseconds

// Age tells of which day the advisories are, and warns where that matters.
function Age({ of: { built, starter, advisories }, asOf }: { of: Advisories; asOf: string }) {
  const when = <><span className="numbers">{count(advisories)}</span> advisories, as they were <Time at={built} />.</>;
  const feeds = <Go to="/settings/feeds">Advisory feeds</Go>;
  if (starter) {
    return (
      <Alert type="warning" header="Only the starter set of advisories is in use">
        It has {when} Most vulnerabilities are not in it: that something is not found means little. Build or download a full database; {feeds} shows how.
      </Alert>
    );
  }
  if (new Date(asOf).getTime() - new Date(built).getTime() > old) {
    return <Alert type="warning" header="The advisories are old">There are {when} What has been published since is not found. {feeds} says why there are no newer ones.</Alert>;
  }
  return <Box color="text-body-secondary">{when} {feeds}</Box>;
}

function Figures({ summary: { findings, fixable, exploitable } }: { summary: Data }) {
  const navigate = useNavigate();
  const types = Object.entries(findings.byType ?? {}).filter(([, { total }]) => total > 0);
  const figures: [string, number, string | undefined][] = [
    ['Critical', findings.CRITICAL ?? 0, findingsPath({ severity: 'CRITICAL' })],
    ['Fix available', fixable.total, findingsPath({ fixAvailable: ['YES', 'PARTIAL'] })],
    ['Exploit available', exploitable, findingsPath({ exploitAvailable: 'YES' })],
  ];
  return (
    <Container fitHeight header={<Header variant="h2" description="Active, neither suppressed nor closed.">Findings</Header>}>
      <SpaceBetween size="l">
        <dl className="summary-figures">
          {figures.map(([label, n, to]) => (
            <div key={label}>
              <dd>{to && n > 0 ? <Go to={to} fontSize="inherit">{count(n)}</Go> : count(n)}</dd>
              <dt>{label}</dt>
            </div>
          ))}
        </dl>
        <SeverityBar counts={findings} onChoose={(severity) => void navigate(findingsPath({ severity }))} />
        {(findings.OTHER ?? 0) > 0 && <Box fontSize="body-s" color="text-body-secondary">{plural(findings.OTHER!, 'finding')} below medium are not told apart here.</Box>}
        <div>
          {types.map(([type, counts]) => (
            <div key={type} className="summary-line">
              <Go to={findingsPath({ findingType: type })}>{named(type, typeNames)}</Go>
              <span className="numbers">{count(counts.CRITICAL ?? 0)} critical of {count(counts.total)}</span>
            </div>
          ))}
        </div>
      </SpaceBetween>
    </Container>
  );
}
