import Alert from '@cloudscape-design/components/alert';
import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../api/client.ts';
import { may, useSession } from '../../../api/session.ts';
import { problem, useAct } from '../common/act.ts';
import { Dialog } from '../common/Dialog.tsx';
import { Lines } from '../common/Sub.tsx';
import { sentence, wrongWith } from '../common/wrong.ts';
import { scanningQuery } from './query.ts';
import { Section } from './Section.tsx';

const most = 5; // paths of an account, and of the organisation

// Inspection shows where packages of languages are looked for on hosts.
export function Inspection() {
  const session = useSession().data;
  const query = useQuery(scanningQuery);
  const now = query.data?.inspection;
  const [edited, edit] = useState<'own' | 'organization'>();
  const admin = session?.delegatedAdministrator;
  const mayOwn = may(session, 'inspector2:UpdateEc2DeepInspectionConfiguration');
  const mayAll = may(session, 'inspector2:UpdateOrgEc2DeepInspectionConfiguration') && admin === session?.account;
  const on = now?.status === 'ACTIVATED';
  return (
    <SpaceBetween size="l">
      <Section title="Deep inspection of hosts" description="Besides the folders of the system, packages of languages are looked for below these paths." query={query} edit={mayOwn ? () => edit('own') : undefined}>
        {() => (
          <>
            {now?.errorMessage && <Alert type="error">{sentence(now.errorMessage)}</Alert>}
            <KeyValuePairs
              columns={2}
              items={[
                { label: 'State', value: <StatusIndicator type={on ? 'success' : 'stopped'}>{on ? 'On' : 'Off'}</StatusIndicator> },
                { label: 'Paths of this account', value: <Lines of={now?.packagePaths ?? []} /> },
              ]}
            />
          </>
        )}
      </Section>
      <Section
        title="Paths of the organisation"
        description={!admin ? 'They hold for all members. The organisation has no delegated administrator yet, who sets them.' : admin === session?.account ? 'They hold for all members, besides what each sets for itself.' : `They hold for all members. The delegated administrator, ${admin}, sets them.`}
        query={query} edit={mayAll ? () => edit('organization') : undefined}
      >
        {() => <KeyValuePairs columns={1} items={[{ label: 'Paths', value: <Lines of={now?.orgPackagePaths ?? []} /> }]} />}
      </Section>
      {edited === 'own' && <PathsDialog title="Deep inspection of hosts" field="packagePaths" path="/ec2deepinspectionconfiguration/update" paths={now?.packagePaths ?? []} on={on} onClose={() => edit(undefined)} />}
      {edited === 'organization' && <PathsDialog title="Paths of the organisation" field="orgPackagePaths" path="/ec2deepinspectionconfiguration/org/update" paths={now?.orgPackagePaths ?? []} onClose={() => edit(undefined)} />}
    </SpaceBetween>
  );
}

interface Props {
  title: string;
  field: 'packagePaths' | 'orgPackagePaths';
  path: string; // of the operation
  paths: string[];
  on?: boolean; // absent: it is not switched here
  onClose: () => void;
}

function PathsDialog({ title, field, path, paths, on, onClose }: Props) {
  const [rows, setRows] = useState(paths.length > 0 ? paths : ['']);
  const [active, setActive] = useState(on ?? false);
  const save = useAct(
    () => call(path, { [field]: rows.map((r) => r.trim()).filter(Boolean), ...(on !== undefined && active !== on && { activateDeepInspection: active }) }),
    { refresh: ['scanning'], quiet: true, done: () => 'The paths are changed. Agents hear of them with their next sign of life.', then: onClose },
  );
  const wrong = wrongWith(save.error, [field]);
  const said = wrong.on(field);
  return (
    <Dialog title={title} verb="Save" busy={save.isPending} onDo={() => save.mutate()} onClose={onClose}>
      {problem(wrong, 'Nothing was changed')}
      {on !== undefined && <Toggle checked={active} description="It is a part of the scan of hosts, and never goes on without it." onChange={({ detail }) => setActive(detail.checked)}>Look for packages of languages</Toggle>}
      <FormField label="Paths" description={`At most ${most}, such as /opt/app or /srv/www.`} errorText={said?.includes('regular expression') ? 'One of them is no path. A path begins with a slash; between slashes are letters, digits, dots, dashes and single spaces.' : said} stretch>
        <AttributeEditor<string>
          items={rows}
          addButtonText="Add a path" removeButtonText="Remove" removeButtonAriaLabel={(row) => `Remove ${row || 'the empty path'}`}
          disableAddButton={rows.length >= most}
          additionalInfo={rows.length >= most ? `There may be ${most} paths.` : undefined}
          empty="No paths."
          onAddButtonClick={() => setRows([...rows, ''])}
          onRemoveButtonClick={({ detail }) => setRows(rows.filter((_, i) => i !== detail.itemIndex))}
          definition={[{ label: 'Path', control: (row, i) => <Input value={row} placeholder="/opt/app" spellcheck={false} ariaLabel={`Path ${i + 1}`} onChange={({ detail }) => setRows(rows.map((r, j) => (j === i ? detail.value : r)))} /> }]}
        />
      </FormField>
    </Dialog>
  );
}
