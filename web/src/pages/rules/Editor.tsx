import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { call } from '../../api/client.ts';
import { findingFields } from '../../filter/fields.ts';
import { toCriteria, type Filters } from '../../filter/filter.ts';
import { FilterBox } from '../../parts/FilterBox.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { useFlash } from '../../shell/frame.tsx';
import { Preview } from './Preview.tsx';
import type { Action, Saved } from './types.ts';

interface Props {
  saved?: Saved; // what is changed; absent: a new one is made
  action: Action;
  onAction: (action: Action) => void;
  filters: Filters;
  onFilters: (filters: Filters) => void;
  names: string[]; // that others have
  onDone: (saved: boolean) => void;
}

const longest = 512; // characters of a description or reason; of a name 128

// Editor makes or changes a suppression rule or a saved view.
export function Editor({ saved, action, onAction, filters, onFilters, names, onDone }: Props) {
  const flash = useFlash();
  const client = useQueryClient();
  const [name, setName] = useState(saved?.name ?? '');
  const [description, setDescription] = useState(saved?.description ?? '');
  const [reason, setReason] = useState(saved?.reason ?? '');
  const [tried, setTried] = useState(false);
  const suppress = action === 'SUPPRESS';

  const problems = {
    name: name.trim() === '' ? 'Give it a name.' : name.length > 128 ? 'At most 128 characters.' : names.includes(name.trim()) ? 'Another one has this name.' : '',
    description: tooLong(description) || removed(saved?.description, description),
    reason: tooLong(reason) || removed(saved?.reason, reason),
    filters: suppress && Object.keys(filters).length === 0 ? 'A rule without a condition would hide all findings. Add one.' : '',
  };
  const save = useMutation({
    mutationFn: () => {
      const body = {
        name: name.trim(), action, filterCriteria: toCriteria(filters, findingFields, new Date()),
        ...(description.trim() && { description: description.trim() }),
        ...(reason.trim() && { reason: reason.trim() }),
      };
      return saved ? call('/filters/update', { ...body, filterArn: saved.arn }) : call('/filters/create', body);
    },
    onSuccess: () => {
      flash({ type: 'success', content: `${suppress ? 'Suppression rule' : 'Saved view'} “${name.trim()}” ${saved ? 'has been changed' : 'has been created'}.` });
      void client.invalidateQueries({ queryKey: ['filters'] });
      void client.invalidateQueries({ queryKey: ['findings'] });
      onDone(true);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.values(problems).every((p) => p === '')) save.mutate();
  };
  const fields = suppress && !saved?.criteria.findingStatus ? findingFields.filter((f) => f.name !== 'findingStatus') : findingFields;
  const relative = Object.values(filters).flat().some((f) => 'from' in f ? /^-\d+d$/.test(f.from ?? '') || /^-\d+d$/.test(f.to ?? '') : 'to' in f && /^-\d+d$/.test(f.to ?? ''));

  return (
    <form onSubmit={submit} noValidate>
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={() => onDone(false)}>Cancel</Button>
            <Button variant="primary" loading={save.isPending}>{saved ? 'Save changes' : suppress ? 'Create rule' : 'Create view'}</Button>
          </SpaceBetween>
        }
      >
        <Container>
          <SpaceBetween size="l">
            {save.error && <Problem error={save.error} />}
            <FormField label="Kind" stretch>
              <RadioGroup
                ariaRequired
                value={action}
                onChange={({ detail }) => onAction(detail.value as Action)}
                items={[
                  { value: 'SUPPRESS', label: 'Suppression rule', description: 'Findings that fit get the status suppressed: they are kept, but left out of lists, counts and events.' },
                  { value: 'NONE', label: 'Saved view', description: 'A filter under a name. Findings stay as they are.' },
                ]}
              />
            </FormField>
            <FormField label="Name" errorText={tried && problems.name}>
              <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus={!saved} ariaRequired />
            </FormField>
            <FormField label="Findings that fit" stretch errorText={tried && problems.filters} description="All conditions must hold; of several values of one, any.">
              <FilterBox fields={fields} filters={filters} onChange={onFilters} placeholder="Add a condition: severity, package, resource and more" />
            </FormField>
            {relative && <Alert type="info">Days ago are counted from today and kept as a date: a saved filter does not move on.</Alert>}
            {(Object.keys(filters).length > 0 || !suppress) && <Preview filters={filters} suppress={suppress} />}
            {suppress && (
              <FormField label="Reason" constraintText="Optional. Why these may be left out, for those who come later." errorText={problems.reason} stretch>
                <Textarea rows={2} value={reason} onChange={({ detail }) => setReason(detail.value)} />
              </FormField>
            )}
            <FormField label="Description" constraintText="Optional." errorText={problems.description} stretch>
              <Textarea rows={2} value={description} onChange={({ detail }) => setDescription(detail.value)} />
            </FormField>
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}

const tooLong = (text: string) => (text.trim().length > longest ? `At most ${longest} characters.` : '');

// The API changes a text but has no way to take one away.
const removed = (before: string | undefined, text: string) => (before && text.trim() === '' ? 'It can be changed, but not removed.' : '');
