import Box from '@cloudscape-design/components/box';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { ApiError, get } from '../../api/client.ts';
import { may, useSession } from '../../api/session.ts';
import type { Finding } from '../../api/types.ts';
import { CopyId } from '../../parts/Copy.tsx';
import { Severity } from '../../parts/Severity.tsx';
import { named } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import type { Vulnerability } from '../vulnerabilities/types.ts';
import { Heading } from './Heading.tsx';
import { metrics, type Metric } from './cvss.ts';

const share = (part: number) => `${(part * 100).toFixed(part < 0.001 ? 2 : 1)}%`;

// Score is how the severity came about, and how likely it is that somebody makes
// use of the vulnerability.
export function Score({ of: f }: { of: Finding }) {
  const v = f.packageVulnerabilityDetails!;
  const session = useSession().data;
  const asks = may(session, 'assay:GetVulnerability');
  const known = useQuery({
    queryKey: ['vulnerability', v.vulnerabilityId],
    queryFn: ({ signal }) => get<Vulnerability>(`/assay/v1/vulnerabilities/${encodeURIComponent(v.vulnerabilityId)}`, signal),
    staleTime: 60_000,
    enabled: asks,
  });
  const waiting = asks && known.isPending;
  const unknown = known.error instanceof ApiError && known.error.status === 404;
  const { epss, kev } = known.data ?? {};
  const adjusted = f.inspectorScoreDetails?.adjustedCvss;
  const cvss = v.cvss ?? [];
  const base = cvss.find((c) => c.source === adjusted?.cvssSource && c.version === adjusted?.version) ?? cvss.find((c) => c.source === adjusted?.scoreSource);
  const shown = adjusted?.scoringVector ?? base?.scoringVector;
  const before = new Map(metrics(base?.scoringVector ?? '').map((m) => [m.key, m]));
  const rows = metrics(shown ?? '');
  const likelihood = epss?.score ?? f.epss?.score;
  const host = f.resources.some((r) => r.type === 'AWS_EC2_INSTANCE');

  return (
    <SpaceBetween size="l">
      <KeyValuePairs
        columns={4}
        minColumnWidth={140}
        items={[
          { label: 'Severity', value: <Severity of={f.severity} /> },
          { label: 'Score', value: <span className="numbers">{f.inspectorScore?.toFixed(1) ?? 'None yet'}</span> },
          { label: 'Score by', value: adjusted?.scoreSource ?? '–' },
          { label: 'Severity by the publisher', value: v.vendorSeverity ? named(v.vendorSeverity) : '–' },
        ]}
      />
      <KeyValuePairs
        columns={4}
        minColumnWidth={140}
        items={[
          {
            label: 'Will be exploited in 30 days (EPSS)',
            value: waiting && likelihood === undefined ? <StatusIndicator type="loading">Loading</StatusIndicator> : likelihood === undefined ? 'Not known' : (
              <>
                <span className="numbers">{share(likelihood)}</span>
                {epss?.percentile ? <>, more than {share(epss.percentile)} of all</> : null}
                {epss?.date && <Box color="text-body-secondary" fontSize="body-s">as of <Time at={epss.date} /></Box>}
              </>
            ),
          },
          { label: 'Exploit available', value: f.exploitAvailable === 'YES' ? <StatusIndicator type="error">Yes</StatusIndicator> : 'None is known' },
          { label: 'Exploit last seen', value: <Time at={f.exploitabilityDetails?.lastKnownExploitAt} /> },
          {
            label: 'Known to be exploited (CISA KEV)',
            value: waiting ? <StatusIndicator type="loading">Loading</StatusIndicator> : kev ? (
              <>
                <StatusIndicator type="error">Since <Time at={kev.added} /></StatusIndicator>
                {kev.due && <Box color="text-body-secondary" fontSize="body-s">to be fixed by {kev.due.slice(0, 10)}</Box>}
              </>
            ) : known.error && !unknown ? 'Could not be asked' : 'Not listed',
          },
        ]}
      />
      <SpaceBetween size="xs">
        <Heading>Adjustments</Heading>
        {adjusted?.adjustments?.length ? (
          <ul className="finding-list">{adjusted.adjustments.map((a) => <li key={a.metric}><b>{a.metric}</b>: {a.reason}</li>)}</ul>
        ) : (
          <Box color="text-body-secondary">
            {host ? 'Nothing that is known of this host changes the score of the vulnerability.' : 'This is the score of the vulnerability itself. Only scores of hosts are adjusted to where they stand.'}
          </Box>
        )}
      </SpaceBetween>
      {rows.length > 0 && (
        <Table<Metric>
          variant="embedded"
          items={rows}
          trackBy="key"
          wrapLines
          ariaLabels={{ tableLabel: 'What the score is made of' }}
          header={<Heading description={<span className="break"><CopyId id={shown!} /></span>}>What the score is made of</Heading>}
          columnDefinitions={[
            { id: 'name', header: 'Metric', minWidth: 150, isRowHeader: true, cell: (m) => m.name },
            {
              id: 'word', header: 'Value', minWidth: 120,
              cell: (m) => {
                const was = before.get(m.key);
                return was && was.value !== m.value ? <span className="finding-changed">{m.word} (was {was.word})</span> : m.word;
              },
            },
            { id: 'text', header: 'Meaning', minWidth: 240, cell: (m) => m.text },
          ]}
        />
      )}
      {cvss.length > 0 && (
        <Table
          variant="embedded"
          items={cvss}
          wrapLines
          ariaLabels={{ tableLabel: 'Scores by publishers' }}
          header={<Heading>Scores by publishers</Heading>}
          columnDefinitions={[
            { id: 'source', header: 'Publisher', minWidth: 120, isRowHeader: true, cell: (c) => c.source },
            { id: 'version', header: 'CVSS', minWidth: 80, cell: (c) => c.version },
            { id: 'score', header: 'Base score', minWidth: 100, cell: (c) => <span className="numbers">{c.baseScore.toFixed(1)}</span> },
            { id: 'vector', header: 'Vector', minWidth: 260, cell: (c) => <span className="break"><CopyId id={c.scoringVector} /></span> },
          ]}
        />
      )}
    </SpaceBetween>
  );
}
