import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ApiError, get } from '../../api/client.ts';
import { useSession } from '../../api/session.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Go, Out } from '../../parts/Go.tsx';
import { vulnerabilityPath } from '../../parts/links.ts';
import { Page } from '../../parts/Page.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { Severity } from '../../parts/Severity.tsx';
import { count, named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import { SearchBox } from './SearchBox.tsx';
import { AffectedPackages, Resources } from './Tables.tsx';
import type { Score, Vulnerability } from './types.ts';
import { GoButton } from '../../parts/GoButton.tsx';

// Detail is the page of one vulnerability.
export function Detail({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ['findings', 'vulnerability', id],
    queryFn: ({ signal }) => get<Vulnerability>(`/assay/v1/vulnerabilities/${encodeURIComponent(id)}`, signal),
  });
  const { data, error } = query;
  const unknown = error instanceof ApiError && error.status === 404;
  return (
    <Page
      title={data?.id ?? id}
      description={data?.title}
      crumbs={[{ text: 'Vulnerability search', href: '/vulnerabilities' }]}
      actions={<CopyId id={data?.id ?? id} show="Copy ID" />}
    >
      <SpaceBetween size="l">
        <Container><SearchBox id={id} /></Container>
        {query.isPending && <Container><Box textAlign="center" padding="xxl"><StatusIndicator type="loading">Looking up {id}</StatusIndicator></Box></Container>}
        {unknown && <Unknown id={id} hint={error.message} />}
        {error && !unknown && <Problem error={error} retry={() => void query.refetch()} />}
        {data && <Known of={data} />}
      </SpaceBetween>
    </Page>
  );
}

function Unknown({ id, hint }: { id: string; hint: string }) {
  const starter = useSession().data?.advisories.starter;
  return (
    <Container>
      <Empty
        title={`${id} is not known`}
        text={<>{hint} {starter && 'The starter set of advisories is in use, in which most are missing: build or download a full database.'}</>}
        action={<GoButton to="/settings/feeds">Advisory feeds</GoButton>}
      />
    </Container>
  );
}

const Known = ({ of: v }: { of: Vulnerability }) => (
  <SpaceBetween size="l">
    {v.kev && (
      <Alert type="warning" header="Known to be exploited">
        In CISA’s catalogue of known exploited vulnerabilities{v.kev.added && <>, added <Time at={v.kev.added} /></>}{v.kev.due && <>, due <Time at={v.kev.due} /></>}.
      </Alert>
    )}
    <Facts of={v} />
    <Resources of={v} />
    <AffectedPackages of={v.affected ?? []} />
    <References of={v.references ?? []} />
  </SpaceBetween>
);

const score = ({ source, version, score, vector, label }: Score) => (
  <li key={`${source} ${version} ${vector} ${label}`}>
    {score ? <><span className="numbers">{score.toFixed(1)}</span> (CVSS {version})</> : named(label ?? '–')}, {source}
    {vector && <div><Box variant="code" fontSize="body-s">{vector}</Box></div>}
  </li>
);

const fraction = (n: number) => `${(n * 100).toFixed(n < 0.1 ? 2 : 1)}%`;

function Facts({ of: v }: { of: Vulnerability }) {
  const { epss, aliases = [], scores = [], cwes = [] } = v;
  const items: { label: string; value: ReactNode }[] = [
    { label: 'Severity', value: v.severity ? <Severity of={v.severity} /> : '–' },
    {
      label: 'EPSS', // of FIRST
      value: epss ? <><span className="numbers">{fraction(epss.score)}</span> likely to be exploited within 30 days{epss.percentile !== undefined && <>; more likely than <span className="numbers">{fraction(epss.percentile)}</span> of all</>}{epss.date && <>, as of <Time at={epss.date} /></>}</> : 'Not scored',
    },
    { label: 'Published', value: <Time at={v.published} /> },
    { label: 'Modified', value: <Time at={v.modified} /> },
    { label: 'Scores', value: <Shortened rows={scores.map(score)} first={3} /> },
    { label: 'Also known as', value: <Shortened rows={aliases.map((alias) => <li key={alias}><Go to={vulnerabilityPath(alias)}>{alias}</Go></li>)} first={5} /> },
    { label: 'Weaknesses', value: <Shortened rows={cwes.map((cwe) => <li key={cwe}>{weakness(cwe)}</li>)} first={5} /> },
  ];
  return (
    <Container header={<Header variant="h2">What is known</Header>}>
      <SpaceBetween size="l">
        {v.description && <div className="vulnerability-text">{v.description}</div>}
        <KeyValuePairs columns={3} items={items} />
      </SpaceBetween>
    </Container>
  );
}

const References = ({ of: references }: { of: string[] }) => references.length > 0 && (
  <Container header={<Header variant="h2" counter={`(${count(references.length)})`}>References</Header>}>
    <Shortened rows={references.map((url) => <li key={url}><Out href={url} /></li>)} first={10} />
  </Container>
);

// Source of the addresses: CWE, "CWE List", https://cwe.mitre.org/data.
function weakness(cwe: string): ReactNode {
  const number = /^CWE-(\d+)$/.exec(cwe)?.[1];
  return number ? <Out href={`https://cwe.mitre.org/data/definitions/${number}.html`}>{cwe}</Out> : cwe;
}

// Shortened shows the first rows of a list, and all when that is asked for.
function Shortened({ rows, first }: { rows: ReactNode[]; first: number }) {
  const [all, setAll] = useState(false);
  if (rows.length === 0) return '–';
  return (
    <>
      <ul className="vulnerability-list">{all ? rows : rows.slice(0, first)}</ul>
      {!all && rows.length > first && <Button variant="inline-link" onClick={() => setAll(true)}>Show all {count(rows.length)}</Button>}
    </>
  );
}
