import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';
import { call } from '../../api/client.ts';
import { findingFields } from '../../filter/fields.ts';
import { fromParams, toCriteria, toParams, type Filters } from '../../filter/filter.ts';
import { FilterBox } from '../../parts/FilterBox.tsx';
import { Problem } from '../../parts/Problem.tsx';
import { plural } from '../../parts/text.ts';
import { Preview } from '../rules/Preview.tsx';
import { own, resourceFields, type Kind } from './types.ts';

interface Props {
  kind: Kind;
  filter: string; // as the address has it
  onFilter: (text: string) => void;
  onDone: (id: string | undefined) => void; // id of what was ordered
}

// Order asks for a findings report or an SBOM export.
export function Order({ kind, filter, onFilter, onDone }: Props) {
  const client = useQueryClient();
  const findings = kind === 'findings-report';
  const fields = findings ? findingFields : resourceFields;
  const filters = useMemo(() => fromParams(new URLSearchParams(filter), fields), [filter, fields]);
  const [format, setFormat] = useState(findings ? 'CSV' : 'CYCLONEDX_1_4');
  const [place, setPlace] = useState('here');
  const [bucket, setBucket] = useState('');
  const [prefix, setPrefix] = useState('');
  const [key, setKey] = useState('');
  const [tried, setTried] = useState(false);
  const elsewhere = place === 's3';
  const noBucket = elsewhere && bucket.trim() === '' ? 'Name the bucket.' : '';

  const order = useMutation({
    mutationFn: () => {
      const criteria = toCriteria(filters, fields, new Date());
      const some = Object.keys(criteria).length > 0;
      const s3Destination = elsewhere
        ? { bucketName: bucket.trim(), kmsKeyArn: key.trim(), ...(prefix.trim() && { keyPrefix: prefix.trim() }) }
        : { bucketName: own, kmsKeyArn: '' };
      return findings
        ? call<{ reportId: string }>('/reporting/create', { reportFormat: format, s3Destination, ...(some && { filterCriteria: criteria }) })
        : call<{ reportId: string }>('/sbomexport/create', { reportFormat: format, s3Destination, ...(some && { resourceFilterCriteria: criteria }) });
    },
    onSuccess: async ({ reportId }) => {
      await client.invalidateQueries({ queryKey: ['reports'] });
      onDone(reportId);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (noBucket === '') order.mutate();
  };

  return (
    <form onSubmit={submit} noValidate>
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={() => onDone(undefined)}>Cancel</Button>
            <Button variant="primary" loading={order.isPending}>Create export</Button>
          </SpaceBetween>
        }
      >
        <Container>
          <SpaceBetween size="l">
            {order.error && <Problem error={order.error} />}
            <FormField label="Format" stretch>
              <RadioGroup
                value={format}
                onChange={({ detail }) => setFormat(detail.value)}
                items={
                  findings
                    ? [
                        { value: 'CSV', label: 'CSV', description: 'A table, one row for each package of a finding.' },
                        { value: 'JSON', label: 'JSON', description: 'All that is known of each finding, as the API gives it.' },
                      ]
                    : [
                        { value: 'CYCLONEDX_1_4', label: 'CycloneDX 1.4', description: 'JSON, one document for each resource, with the vulnerabilities.' },
                        { value: 'SPDX_2_3', label: 'SPDX 2.3', description: 'JSON, one document for each resource.' },
                      ]
                }
              />
            </FormField>
            <FormField
              label={findings ? 'Findings' : 'Resources'}
              stretch
              description={findings ? 'Without a condition on the status, only active findings are exported.' : 'Without a condition, all resources are exported.'}
            >
              <FilterBox fields={fields} filters={filters} onChange={(f) => onFilter(toParams(f, fields).toString())} placeholder={findings ? 'Add a condition: severity, package, resource and more' : 'Add a condition: type, id, tag and more'} />
            </FormField>
            {findings ? (
              <Preview filters={filters.findingStatus ? filters : { ...filters, findingStatus: [{ comparison: 'EQUALS', value: 'ACTIVE' }] }} suppress={false} />
            ) : (
              <Resources filters={filters} />
            )}
            <FormField label="Where it is kept" stretch>
              <RadioGroup
                value={place}
                onChange={({ detail }) => setPlace(detail.value)}
                items={[
                  { value: 'here', label: 'Here', description: 'To be loaded down from this page, for 30 days.' },
                  { value: 's3', label: 'A bucket (S3)', description: 'Of Amazon or of another service, with the credentials that the server has for it.' },
                ]}
              />
            </FormField>
            {elsewhere && (
              <>
                <FormField label="Bucket" errorText={tried && noBucket}><Input value={bucket} onChange={({ detail }) => setBucket(detail.value)} ariaRequired /></FormField>
                <FormField label="Prefix" constraintText="Optional. What the names of objects begin with."><Input value={prefix} onChange={({ detail }) => setPrefix(detail.value)} /></FormField>
                <FormField label="KMS key" constraintText="Optional. ARN of the key that encrypts the objects; else they are encrypted as the bucket says."><Input value={key} onChange={({ detail }) => setKey(detail.value)} /></FormField>
              </>
            )}
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}

// Resources tells how many resources an SBOM export would have.
function Resources({ filters }: { filters: Filters }) {
  const filterCriteria = { ...toCriteria(filters, resourceFields, new Date()), scanType: [{ comparison: 'EQUALS', value: 'PACKAGE' }] };
  const query = useQuery({
    queryKey: ['coverage', 'total', filterCriteria],
    queryFn: ({ signal }) => call<{ totalCounts: number }>('/coverage/statistics/list', { filterCriteria }, signal),
    placeholderData: keepPreviousData,
  });
  if (query.error) return <Problem error={query.error} header="The resources could not be counted" retry={() => void query.refetch()} />;
  if (!query.data) return <StatusIndicator type="loading">Counting</StatusIndicator>;
  return <div aria-live="polite"><Box>Has the packages of <b className="numbers">{plural(query.data.totalCounts, 'resource')}</b>, a document for each.</Box></div>;
}
