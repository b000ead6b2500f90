import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Steps from '@cloudscape-design/components/steps';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { useScans } from '../../api/live.tsx';
import { may, useSession } from '../../api/session.ts';
import { Go } from '../../parts/Go.tsx';
import { findingsPath } from '../../parts/links.ts';
import { Problem } from '../../parts/Problem.tsx';
import { plural } from '../../parts/text.ts';
import { Time } from '../../parts/Time.tsx';
import type { Machine, MachineScan, Step } from './query.ts';
import { StepCard } from './StepCard.tsx';

// The phases of a scan in their order; how long each takes is not known beforehand.
const phases = [['waiting', 'Wait for its turn'], ['reading', 'Read what is installed'], ['matching', 'Compare with advisories']] as const;

// ThisMachine has the machine scanned that the server runs on, and shows how far
// that is.
export function ThisMachine({ step, machine }: { step: Step; machine: Machine | undefined }) {
  const client = useQueryClient();
  const session = useSession().data;
  const scan = machine?.scan;
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
      text={<>What is installed on {machine?.name ? <Box variant="strong">{machine.name}</Box> : 'the machine'} that Assay runs on. It only reads.</>}
      detail={!busy && scan?.state === 'done' ? <span className="start-numbers">Scanned <Time at={scan.ended} />: {plural(scan.packages, 'package')} in {plural(Math.ceil(scan.elapsed), 'second')}.</span> : undefined}
      busy={busy}
      actions={may(session, 'assay:ScanThisMachine') && (
        <Button variant={step.done ? 'normal' : 'primary'} disabled={busy} onClick={() => begin.mutate()}>{step.done ? 'Scan it again' : 'Scan this machine'}</Button>
      )}
    >
      {begin.error && <Problem error={begin.error} header="The scan did not begin" />}
      {busy && <Progress scan={scan} phase={live?.phase ?? scan?.phase} packages={live?.packages ?? scan?.packages ?? 0} elapsed={live?.elapsed ?? scan?.elapsed ?? 0} />}
      {!busy && scan?.state === 'failed' && <Alert type="error" header="The last scan failed">{scan.error}</Alert>}
      {!busy && scan?.state === 'done' && <Outcome scan={scan} />}
      {machine?.notes?.map((note) => <Alert key={note} type={machine.container ? 'warning' : 'info'}>{note}</Alert>)}
    </StepCard>
  );
}

function Progress({ scan, phase, packages, elapsed }: { scan: MachineScan | undefined; phase: string | undefined; packages: number; elapsed: number }) {
  const waits = !scan || scan.state === 'waiting';
  const current = waits ? 0 : Math.max(1, phases.findIndex(([name]) => name === phase));
  const details = ['', packages > 0 ? `${plural(packages, 'package')} found` : '', ''];
  return (
    <SpaceBetween size="xs">
      <Steps
        ariaLabel="How far the scan is"
        steps={phases.map(([, header], i) => ({
          header, details: i <= current ? details[i] : undefined,
          status: i < current ? ('success' as const) : i === current ? ('in-progress' as const) : ('pending' as const),
        }))}
      />
      {!waits && <Box fontSize="body-s" color="text-body-secondary"><span className="start-numbers">{plural(Math.floor(elapsed), 'second')} so far.</span> You may leave this page; the scan goes on.</Box>}
    </SpaceBetween>
  );
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
