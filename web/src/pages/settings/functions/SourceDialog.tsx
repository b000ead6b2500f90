import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { call } from '../../../api/client.ts';
import { useSession } from '../../../api/session.ts';
import { problem, useAct } from '../common/act.ts';
import { Dialog } from '../common/Dialog.tsx';
import { numberOf, wrongWith } from '../common/wrong.ts';

const fields = ['place', 'endpoint', 'region', 'key', 'secret', 'minutes'];

// SourceDialog adds a folder or bucket.
export function SourceDialog({ onClose }: { onClose: () => void }) {
  const management = useSession().data?.management ?? false;
  const [kind, setKind] = useState(management ? 'folder' : 'bucket');
  const [s, setState] = useState({ folder: '', bucket: '', endpoint: '', region: '', pathStyle: false, key: '', secret: '', minutes: '5' });
  const set = (change: Partial<typeof s>) => setState((before) => ({ ...before, ...change }));
  const bucket = kind === 'bucket';
  const add = useAct(
    () =>
      call<{ place: string }>('/assay/v1/function-sources', {
        minutes: numberOf('minutes', s.minutes), place: (bucket ? s.bucket : s.folder).trim(),
        ...(bucket && { ...(s.endpoint && { endpoint: s.endpoint.trim() }), ...(s.region && { region: s.region.trim() }), ...(s.pathStyle && { pathStyle: true }), ...(s.key && { key: s.key.trim() }), ...(s.secret && { secret: s.secret }) }),
      }),
    { refresh: ['jobs'], quiet: true, done: ({ place }) => `${place} is watched from now on.`, then: onClose },
  );
  const wrong = wrongWith(add.error, fields);
  return (
    <Dialog title="Add a source of functions" verb="Add" busy={add.isPending} onDo={() => add.mutate()} onClose={onClose}>
      {problem(wrong, 'No source was added')}
      {management && (
        <FormField label="What it is">
          <RadioGroup
            value={kind}
            onChange={({ detail }) => setKind(detail.value)}
            items={[
              { value: 'folder', label: 'Folder', description: 'Of the server; with several, on each that works' },
              { value: 'bucket', label: 'Bucket', description: 'Of Amazon S3, or of a service that speaks as it does' },
            ]}
          />
        </FormField>
      )}
      {!bucket && (
        <FormField label="Folder" description="The whole path, as the server sees it." errorText={wrong.on('place')}>
          <Input value={s.folder} placeholder="/srv/functions" spellcheck={false} onChange={({ detail }) => set({ folder: detail.value })} />
        </FormField>
      )}
      {bucket && (
        <SpaceBetween size="l">
          <FormField label="Bucket" description="With what the names below it begin with." errorText={wrong.on('place')}>
            <Input value={s.bucket} placeholder="s3://artifacts/live" spellcheck={false} onChange={({ detail }) => set({ bucket: detail.value })} />
          </FormField>
          <FormField label="Endpoint" description="Empty: Amazon’s own." errorText={wrong.on('endpoint')}>
            <Input value={s.endpoint} placeholder="https://s3.example.org" spellcheck={false} onChange={({ detail }) => set({ endpoint: detail.value })} />
          </FormField>
          <FormField label="Region" description="Empty: us-east-1." errorText={wrong.on('region')}>
            <Input value={s.region} spellcheck={false} onChange={({ detail }) => set({ region: detail.value })} />
          </FormField>
          <Checkbox checked={s.pathStyle} description="The bucket stands in the path, not in the name of the host." onChange={({ detail }) => set({ pathStyle: detail.checked })}>Path style</Checkbox>
          <FormField label="Access key ID" description={management ? 'Empty: the server’s own.' : undefined} errorText={wrong.on('key')}>
            <Input value={s.key} spellcheck={false} autoComplete={false} onChange={({ detail }) => set({ key: detail.value })} />
          </FormField>
          <FormField label="Secret access key" description="Sealed, and never shown again." errorText={wrong.on('secret')}>
            <Input type="password" value={s.secret} autoComplete="new-password" onChange={({ detail }) => set({ secret: detail.value })} />
          </FormField>
        </SpaceBetween>
      )}
      <FormField label="Minutes between two looks" description="From 1 to 10,080, which is a week." errorText={wrong.on('minutes')}>
        <Input value={s.minutes} inputMode="numeric" onChange={({ detail }) => set({ minutes: detail.value })} />
      </FormField>
    </Dialog>
  );
}
