import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import { Command, CopyId } from '../../parts/Copy.tsx';
import { Out } from '../../parts/Go.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { Time } from '../../parts/Time.tsx';
import { rangeText } from '../vulnerabilities/range.ts';
import { Heading } from './Heading.tsx';

// Source: doc/rest.md, "GET findings/why".
interface Reasons {
  matches: Reason[];
  problem?: string;
}

interface Reason {
  package: { name: string; version: string; type: string; path?: string; purl?: string; manager?: string };
  advisory: { id: string; source: string; url?: string; published?: string; modified?: string };
  range: { introduced?: string; fixed?: string; lastAffected?: string; text: string };
  text: string;
  layer?: { digest: string; createdBy?: string; index: number };
}

// What a package was told by. Source: inventory.Evidence.
const evidence: Record<string, string> = {
  database: 'The database of the package manager lists it as installed.',
  manifest: 'The package’s own description lies beside it.',
  lockfile: 'A list of dependencies asks for it.',
  binary: 'The program says what it was built from.',
  filename: 'Only the name of a file tells of it.',
  sbom: 'A bill of materials, made by others, lists it.',
};

// Where advisories come from, by the names of feeds.
const feeds: Record<string, string> = {
  osv: 'OSV', nvd: 'NVD', cve: 'CVE Program', debian: 'Debian', dsa: 'Debian', ubuntu: 'Ubuntu', alpine: 'Alpine', redhat: 'Red Hat', rhel: 'Red Hat', amazon: 'Amazon Linux', suse: 'SUSE', oracle: 'Oracle Linux', ghsa: 'GitHub',
};

// Why is what the finding follows from: an advisory, a range of versions, and
// the package with who put it there.
export function Why({ arn }: { arn: string }) {
  const query = useQuery({
    queryKey: ['findings', 'why', arn],
    queryFn: ({ signal }) => get<Reasons>(`/assay/v1/findings/why?${new URLSearchParams({ arn })}`, signal),
  });
  if (query.error) return <Problem error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <StatusIndicator type="loading">Asking the advisories</StatusIndicator>;
  const { matches, problem } = query.data;
  return (
    <SpaceBetween size="l">
      {problem && <Alert type="info">{problem}</Alert>}
      {matches.map((m, n) => <Match key={n} of={m} />)}
    </SpaceBetween>
  );
}

const Match = ({ of: { package: p, advisory: a, range, text, layer } }: { of: Reason }) => (
  <Container header={<Heading><span className="break">{text}</span></Heading>}>
    <KeyValuePairs
      columns={3}
      minColumnWidth={170}
      items={[
        {
          type: 'group', title: 'Advisory',
          items: [
            { label: 'ID', value: a.url ? <Out href={a.url}>{a.id}</Out> : <CopyId id={a.id} /> },
            { label: 'Source', value: feeds[a.source] ?? a.source },
            ...(a.published ? [{ label: 'Published', value: <Time at={a.published} /> }] : []),
            ...(a.modified ? [{ label: 'Last changed', value: <Time at={a.modified} /> }] : []),
            { label: 'Versions that have it', value: <span className="break">{rangeText({ ...range, text: range.text })}</span> },
          ],
        },
        {
          type: 'group', title: 'Package',
          items: [
            { label: 'Found', value: <span className="break">{p.name} {p.version}</span> },
            ...(p.path ? [{ label: 'Evidence', value: <span className="break"><CopyId id={p.path} /></span> }] : []),
            { label: 'How it is known', value: (p.manager && evidence[p.manager]) ?? p.manager ?? '–' },
            ...(p.purl ? [{ label: 'Package URL', value: <span className="break"><CopyId id={p.purl} /></span> }] : []),
          ],
        },
        {
          type: 'group', title: 'Who put it there',
          items: layer
            ? [
                { label: 'Layer', value: <>{layer.index + 1}, counted from below: <CopyId id={layer.digest} show={layer.digest.replace(/^sha256:/, '').slice(0, 12)} /></> },
                { label: 'Step of the build', value: layer.createdBy ? <Command text={layer.createdBy} label="Copy the step" /> : <Box color="text-body-secondary">The image does not tell.</Box> },
              ]
            : [{ label: 'Package manager', value: p.type }],
        },
      ]}
    />
  </Container>
);
