import Box from '@cloudscape-design/components/box';
import Popover from '@cloudscape-design/components/popover';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { named } from '../../parts/text.ts';
import type { Covered, Reason } from './types.ts';
import { reasonNames, waiting } from './words.ts';

// Status is whether a resource is scanned, in the words of Amazon's console.
export function Status({ of: { scanStatus } }: { of: Covered }) {
  if (!scanStatus) return <>–</>;
  const [type, text] = look(scanStatus.statusCode, scanStatus.reason);
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

function look(code: string, reason: string): [StatusIndicatorProps.Type, string] {
  if (waiting.has(reason)) return ['pending', 'Waiting'];
  if (code !== 'ACTIVE') return [reason === 'INTERNAL_ERROR' || reason.startsWith('ACCESS_DENIED') ? 'error' : 'stopped', 'Not monitoring'];
  return [reason === 'SUCCESSFUL' ? 'success' : 'warning', 'Actively monitoring'];
}

// WhyNot is a reason in words; what it means and what to do about it opens on
// a click.
export function WhyNot({ reason, reasons }: { reason: string | undefined; reasons: Reason[] | undefined }) {
  if (!reason) return <>–</>;
  const name = named(reason, reasonNames);
  const known = reasons?.find((r) => r.reason === reason);
  if (!known || reason === 'SUCCESSFUL') return <>{name}</>;
  return (
    <Popover header={name} renderWithPortal size="medium" wrapTriggerText={false} dismissAriaLabel="Close" content={<Remedy of={known} />}>
      {name}
    </Popover>
  );
}

export const Remedy = ({ of: { means, remedy } }: { of: Reason }) => (
  <SpaceBetween size="xs">
    <Box>{means}</Box>
    {remedy && <Box><b>What to do:</b> {remedy}</Box>}
  </SpaceBetween>
);
