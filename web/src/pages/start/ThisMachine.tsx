import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { useScans } from '../../api/live.tsx';
import { may, useSession } from '../../api/session.ts';
import { Go } from '../../parts/Go.tsx';
import { findingsPath } from '../../parts/links.ts';
import { Problem } from '../../parts/Problem.tsx';
import { plural } from '../../parts/text.ts';
import { machineQuery, type MachineScan, type Step } from './query.ts';
import { StepCard } from './StepCard.tsx';

const phases: Record<string, string> = { reading: 'Reading packages', matching: 'Comparing with advisories' };

// ThisMachine has the machine scanned that the server runs on, and shows how far
// that is.
export function ThisMachine({ step }: { step: Step }) {
  const client = useQueryClient();
  const session = useSession().data;
  const machine = useQuery({ ...machineQuery, enabled: step.possible !== false && may(session, 'assay:GetThisMachine') });
  const scan = machine.data?.scan;
  const live = useScans().find(({ id }) => id === scan?.id);
  const begin = useMutation({
    mutationFn: () => call<MachineScan>('/assay/v1/scans/this-machine'),
    onSettled: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  });
  const busy = begin.isPending || scan?.state === 'waiting' || scan?.state === 'running';
  return (
    <StepCard
      step={step}
      title="Scan this machine"
      text={<>What is installed on {machine.data?.name ? <Box variant="strong">{machine.data.name}</Box> : 'the machine'} that Assay runs on. It only reads.</>}
      busy={busy}
      actions={may(session, 'assay:ScanThisMachine') && (
        <Button variant={step.done ? 'normal' : 'primary'} disabled={busy} onClick={() => begin.mutate()}>{step.done ? 'Scan it again' : 'Scan this machine'}</Button>
      )}
    >
      {begin.error && <Problem error={begin.error} header="The scan did not begin" />}
      {machine.error && <Problem error={machine.error} retry={() => void machine.refetch()} />}
      {busy && <Progress scan={scan} phase={live?.phase ?? scan?.phase} packages={live?.packages ?? scan?.packages ?? 0} elapsed={live?.elapsed ?? scan?.elapsed ?? 0} />}
      {!busy && scan?.state === 'failed' && <Alert type="error" header="The last scan failed">{scan.error}</Alert>}
      {!busy && scan?.state === 'done' && <Outcome scan={scan} />}
      {machine.data?.notes?.map((note) => <Alert key={note} type={machine.data.container ? 'warning' : 'info'}>{note}</Alert>)}
    </StepCard>
  );
}

function Progress({ scan, phase, packages, elapsed }: { scan: MachineScan | undefined; phase: string | undefined; packages: number; elapsed: number }) {
  const waits = !scan || scan.state === 'waiting';
  const text = waits ? 'Waiting for its turn' : (phases[phase ?? ''] ?? 'Scanning');
  const facts = [packages > 0 && plural(packages, 'package'), elapsed >= 1 && plural(Math.floor(elapsed), 'second')].filter(Boolean).join(', ');
  // How many files there are is not known beforehand: the bar shows the phase.
  return <ProgressBar value={waits ? 5 : phase === 'matching' ? 75 : 40} label={text} additionalInfo={facts || undefined} />;
}

const Outcome = ({ scan: { resource, notScanned, problems = [], unread } }: { scan: MachineScan }) => (
  <SpaceBetween size="xs">
    {notScanned && <Alert type="warning">What was read is kept, but the machine is not scanned. <Go to="/coverage">Coverage says why.</Go></Alert>}
    {resource && !notScanned && <Go to={findingsPath({ resourceId: resource })}>See what was found</Go>}
    {problems.length > 0 && (
      <ExpandableSection headerText={`${plural(unread ?? problems.length, 'file')} could not be read`}>
        <ul>{problems.map((problem) => <li key={problem} className="break">{problem}</li>)}</ul>
      </ExpandableSection>
    )}
  </SpaceBetween>
);
