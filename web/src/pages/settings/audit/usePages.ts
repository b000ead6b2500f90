import { useSearchParams } from 'react-router';

const storage = 'assay.pages.audit';

function kept(key: string): string[] {
  try {
    const { key: of, tokens } = JSON.parse(sessionStorage.getItem(storage) ?? '{}') as { key?: string; tokens?: string[] };
    return of === key ? (tokens ?? []) : [];
  } catch {
    return [];
  }
}

// usePages returns which page of a list is shown, with the token that leads to
// it. Which led where is kept for this tab, so that a page can be loaded again.
// What the list is asked for is the key.
export function usePages(key: string) {
  const [params, setParams] = useSearchParams();
  const tokens = kept(key);
  const wanted = Number(params.get('page') ?? 1);
  const page = Number.isInteger(wanted) && wanted > 1 && tokens[wanted - 2] !== undefined ? wanted : 1;
  return {
    page,
    token: page > 1 ? tokens[page - 2] : undefined,
    // go shows another page; next is the token that leads to the one after this.
    go: (to: number, next: string | undefined) => {
      if (to > page && next !== undefined) sessionStorage.setItem(storage, JSON.stringify({ key, tokens: [...tokens.slice(0, page - 1), next] }));
      setParams((before) => {
        const after = new URLSearchParams(before);
        if (to > 1) after.set('page', String(to));
        else after.delete('page');
        return after;
      });
    },
  };
}
