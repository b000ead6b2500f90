import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { call } from '../../api/client.ts';
import type { Finding } from '../../api/types.ts';
import { findingFields } from '../../filter/fields.ts';
import { toCriteria, toParams } from '../../filter/filter.ts';
import { Go } from '../../parts/Go.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { plural } from '../../parts/text.ts';
import { useFlash } from '../../shell/frame.tsx';
import { Preview } from '../rules/Preview.tsx';
import { ruleFilters } from './suppress.ts';
import { nameOf } from './words.ts';

interface Props {
  findings: Finding[]; // at least one
  onDone: (suppressed: boolean) => void;
}

const unique = (values: string[]) => [...new Set(values)];
const some = (values: string[], one: string, many: string) => (values.length === 1 ? values[0]! : plural(values.length, one, many));

// Suppress makes a rule that hides the findings, and those like them to come.
export function Suppress({ findings, onDone }: Props) {
  const client = useQueryClient();
  const flash = useFlash();
  const navigate = useNavigate();
  const vulnerabilities = unique(findings.map((f) => f.packageVulnerabilityDetails?.vulnerabilityId ?? f.title ?? ''));
  const resources = unique(findings.flatMap((f) => f.resources.map(nameOf)));
  const [where, setWhere] = useState(ruleFilters(findings, true) ? 'here' : 'everywhere');
  const [reason, setReason] = useState('');
  const [name, setName] = useState<string>(); // undefined: as proposed
  const [tried, setTried] = useState(false);
  const filters = ruleFilters(findings, where === 'here');
  const proposed = `${some(vulnerabilities, 'vulnerability', 'vulnerabilities')}${where === 'here' ? ` on ${some(resources, 'resource', 'resources')}` : ''}`.slice(0, 128);
  const called = (name ?? proposed).trim();
  const wrong = called === '' ? 'Give it a name.' : called.length > 128 ? 'At most 128 characters.' : '';

  const save = useMutation({
    mutationFn: () => call('/filters/create', {
      name: called, action: 'SUPPRESS', filterCriteria: toCriteria(filters!, findingFields, new Date()), ...(reason.trim() && { reason: reason.trim() }),
    }),
    onSuccess: () => {
      flash({ type: 'success', content: <>They are suppressed by the rule “{called}”. <Go to="/rules" color="inverted">See the rules</Go></> });
      void client.invalidateQueries({ queryKey: ['filters'] });
      void client.invalidateQueries({ queryKey: ['findings'] });
      onDone(true);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong === '' && filters) save.mutate();
  };
  const rule = filters && `/rules?new=${encodeURIComponent(toParams(filters, findingFields).toString())}`;

  return (
    <Modal visible header={`Suppress ${plural(findings.length, 'finding')}`} closeAriaLabel="Close" onDismiss={() => onDone(false)}>
      <form onSubmit={submit} noValidate>
        <SpaceBetween size="l">
          <Box>A suppression rule keeps findings out of lists, counts and events. They are not lost: they stand under Suppressed, and come back when the rule is deleted.</Box>
          <FormField label="Where" stretch>
            <RadioGroup
              value={where}
              onChange={({ detail }) => setWhere(detail.value)}
              items={[
                { value: 'here', label: resources.length === 1 ? `Only on ${resources[0]}` : `Only on these ${plural(resources.length, 'resource')}`, disabled: ruleFilters(findings, true) === undefined },
                { value: 'everywhere', label: 'On all resources', description: 'Also on those to come.', disabled: ruleFilters(findings, false) === undefined },
              ]}
            />
          </FormField>
          {filters ? <Preview filters={filters} suppress /> : <Alert type="info">One rule can name ten vulnerabilities and ten resources at most. Choose fewer findings.</Alert>}
          <FormField label="Name of the rule" stretch errorText={tried && wrong}>
            <Input value={name ?? proposed} onChange={({ detail }) => setName(detail.value)} ariaRequired />
          </FormField>
          <FormField label="Reason" constraintText="Optional. Why these may be left out, for those who come later." stretch errorText={reason.length > 512 && 'At most 512 characters.'}>
            <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
          </FormField>
          {save.error && <Problem error={save.error} />}
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" onClick={() => onDone(false)}>Cancel</Button>
              {rule && <Button formAction="none" onClick={() => void navigate(rule)}>More options</Button>}
              <Button variant="primary" loading={save.isPending} disabled={!filters || reason.length > 512}>Suppress</Button>
            </SpaceBetween>
          </Box>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
