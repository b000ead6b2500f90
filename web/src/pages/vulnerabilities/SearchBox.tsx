import Autosuggest from '@cloudscape-design/components/autosuggest';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { get } from '../../api/client.ts';
import { vulnerabilityPath } from '../../parts/links.ts';
import { idOf } from './range.ts';
import './vulnerabilities.css';

// SearchBox leads to a vulnerability. It suggests those of which something is
// hit, and takes any other id.
export function SearchBox({ id = '' }: { id?: string }) {
  const navigate = useNavigate();
  const [text, setText] = useState(id);
  const [asked, ask] = useState<string>();
  const [empty, setEmpty] = useState(false);
  const suggested = useQuery({
    queryKey: ['values', 'vulnerabilityId', asked],
    queryFn: ({ signal }) => get<{ values: string[] }>(`/assay/v1/values?${new URLSearchParams({ field: 'vulnerabilityId', prefix: asked ?? '', limit: '20' })}`, signal),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const go = (value: string) => {
    const wanted = idOf(value);
    setEmpty(wanted === '');
    if (wanted !== '') void navigate(vulnerabilityPath(wanted));
  };
  return (
    <form className="vulnerability-search" role="search" onSubmit={(event) => {
      event.preventDefault();
      go(text);
    }}>
      <FormField label="ID of a vulnerability or advisory" stretch errorText={empty && 'Enter an ID, such as CVE-2021-44228.'}>
        <div className="vulnerability-controls">
          <Autosuggest
            value={text}
            onChange={({ detail }) => setText(detail.value)}
            onSelect={({ detail }) => go(detail.value)}
            onLoadItems={({ detail }) => ask(idOf(detail.filteringText) || undefined)}
            options={(suggested.data?.values ?? []).map((value) => ({ value }))}
            filteringType="manual"
            statusType={suggested.isFetching ? 'loading' : suggested.error ? 'error' : 'finished'}
            loadingText="Looking for what you have"
            errorText="No suggestions could be loaded."
            recoveryText="Try again"
            empty={asked && "Nothing that is watched is hit by one with this beginning."}
            enteredTextLabel={(value) => `Search for “${idOf(value)}”`}
            placeholder="CVE-2021-44228"
            ariaRequired
            clearAriaLabel="Clear"
          />
          <Button variant="primary" formAction="submit">Search</Button>
        </div>
      </FormField>
    </form>
  );
}
