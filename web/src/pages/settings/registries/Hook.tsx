import Box from '@cloudscape-design/components/box';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Command, CopyId } from '../../../parts/Copy.tsx';
import { example, type Registry } from './registry.ts';

// Hook says where a registry sends notifications, and how it is made to.
export function Hook({ of: { hook, notifications, secret } }: { of: Registry }) {
  const { text, command } = example(notifications, hook, secret ?? 'SECRET');
  return (
    <SpaceBetween size="m">
      <Box>With notifications, a scan begins when an image is pushed. Without them, new images are found at the next walk.</Box>
      <KeyValuePairs
        columns={1}
        items={[
          { label: 'Address for notifications', value: <CopyId id={hook} /> },
          ...(secret ? [{ label: 'Secret', value: <CopyId id={secret} /> }] : []),
        ]}
      />
      <Box>{text}</Box>
      <Command text={command} label="Copy how the registry is set up" />
      {!secret && <Box color="text-body-secondary">SECRET stands for the secret that was told when the registry was added. It can be replaced by a new one.</Box>}
    </SpaceBetween>
  );
}
