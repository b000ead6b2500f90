import Alert from '@cloudscape-design/components/alert';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { ApiError, send } from '../../../api/client.ts';
import { named, plural } from '../../../parts/text.ts';
import { problem, useAct } from '../common/act.ts';
import { Dialog } from '../common/Dialog.tsx';
import { wrongWith } from '../common/wrong.ts';

// What came of an upload. Source: doc/intake.md, doc/functions.md.
interface Taken {
  notScanned?: string;
  layersUnread?: string[];
}

const most = 64 * 2 ** 20; // bytes of a request

const texts = (one: boolean) => ({
  uploadButtonText: () => (one ? 'Choose a file' : 'Choose files'),
  dropzoneText: () => (one ? 'Drop the file here' : 'Drop the files here'),
  removeFileAriaLabel: (index: number) => `Remove file ${index + 1}`,
  limitShowFewer: 'Show fewer', limitShowMore: 'Show more', errorIconAriaLabel: 'Error',
});

const stem = (file: File | undefined) => file?.name.replace(/\.zip$/i, '') ?? '';

// UploadDialog hands in a package of a function.
export function UploadDialog({ onClose }: { onClose: () => void }) {
  const [code, setCode] = useState<File[]>([]);
  const [manifest, setManifest] = useState<File[]>([]);
  const [layers, setLayers] = useState<File[]>([]);
  const [name, setName] = useState('');
  const [runtime, setRuntime] = useState('');
  const size = [...code, ...manifest, ...layers].reduce((sum, file) => sum + file.size, 0);
  const add = useAct(
    async () => {
      if (!code[0]) throw new ApiError(400, 'ValidationException', 'code: choose the zip archive with the code of the function');
      const form = new FormData();
      form.append('manifest', manifest[0] ?? new Blob([JSON.stringify({ name: name || stem(code[0]), ...(runtime && { runtime }), layers: layers.map((l) => l.name) })], { type: 'application/json' }));
      form.append('code', code[0]);
      for (const layer of layers) form.append('layer', layer, layer.name);
      return send<Taken>('POST', '/assay/v1/functions', form);
    },
    {
      refresh: ['coverage'], quiet: true, then: onClose,
      done: ({ notScanned, layersUnread }) =>
        notScanned ? `The function is known, but was not scanned: ${named(notScanned).toLowerCase()}.`
        : layersUnread?.length ? `The function was scanned without ${plural(layersUnread.length, 'layer')} that nobody has sent: ${layersUnread.join(', ')}.`
        : 'The function was scanned.',
    },
  );
  const wrong = wrongWith(add.error, ['code', 'name', 'runtime', 'layer', 'layers', 'manifest', 'version']);
  return (
    <Dialog title="Upload a function" verb="Upload" size="large" busy={add.isPending} onDo={() => add.mutate()} onClose={onClose}>
      {problem(wrong, 'The function was not taken')}
      {size > most && <Alert type="warning">These files are larger than 64 MB together: the server will refuse them. Put the package into a folder or bucket that is watched.</Alert>}
      <FormField label="Code" description="The zip archive." errorText={wrong.on('code')}>
        <FileUpload value={code} accept=".zip" onChange={({ detail }) => setCode(detail.value)} i18nStrings={texts(true)} showFileSize />
      </FormField>
      <FormField label="Manifest" description="JSON that says what the code does not: role, tags, when it last ran. Without one, what is given below is used." errorText={wrong.on('manifest') ?? wrong.on('version')}>
        <FileUpload value={manifest} accept=".json,application/json" onChange={({ detail }) => setManifest(detail.value)} i18nStrings={texts(true)} showFileSize />
      </FormField>
      {manifest.length === 0 && (
        <SpaceBetween size="l">
          <FormField label="Name" errorText={wrong.on('name')}>
            <Input value={name} placeholder={stem(code[0]) || 'pay'} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
          </FormField>
          <FormField label="Runtime" description="In the words of AWS Lambda." errorText={wrong.on('runtime')}>
            <Input value={runtime} placeholder="python3.12" spellcheck={false} onChange={({ detail }) => setRuntime(detail.value)} />
          </FormField>
        </SpaceBetween>
      )}
      <FormField label="Layers" description={manifest.length === 0 ? 'Zip archives, lowest first; at most five.' : 'Zip archives, by the file names that the manifest has for them.'} errorText={wrong.on('layers') ?? wrong.on('layer')}>
        <FileUpload value={layers} multiple accept=".zip" onChange={({ detail }) => setLayers(detail.value)} i18nStrings={texts(false)} showFileSize />
      </FormField>
    </Dialog>
  );
}
