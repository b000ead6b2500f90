// The state of a list: what it is filtered by, how it is sorted and shown. All
// of it is in the address; how it is shown is also remembered for next time.
import { useCallback, useMemo } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import type { Field } from '../filter/fields.ts';
import { fromParams, toCriteria, toParams, type Criteria, type Filters } from '../filter/filter.ts';

export interface Options {
  name: string; // of the list, for what is remembered
  fields: Field[];
  columns: string[]; // shown at first
  sort?: Sort;
  filters?: Filters; // when the address names none
  size?: number;
  sizes?: number[];
}

export interface Sort {
  field: string; // the API's name
  descending: boolean;
}

export interface Preferences {
  size: number; // rows a page
  columns: string[]; // shown, in order
  wrap: boolean;
  compact: boolean;
}

export interface View {
  name: string;
  fields: Field[];
  sizes: number[];
  filters: Filters;
  setFilters: (filters: Filters) => void;
  sort: Sort | undefined;
  setSort: (sort: Sort) => void;
  preferences: Preferences;
  setPreferences: (preferences: Preferences) => void;
  page: number; // from 1
  pages: number; // that can be gone to
  setPage: (page: number) => void;
  // seen tells the view which token leads to the page after this one.
  seen: (nextToken: string | undefined) => void;
  request: ListRequest; // the body of the list's request, and the best key of its query
}

export interface ListRequest {
  filterCriteria?: Criteria;
  sortCriteria?: { field: string; sortOrder: 'ASC' | 'DESC' };
  maxResults: number;
  nextToken?: string;
}

const flag = (value: string | null | undefined, otherwise: boolean) => (value === null || value === undefined ? otherwise : value === '1');

// useView returns the state of a list; there is one list a page.
export function useView(options: Options): View {
  const { name, fields, columns, sort, filters: first, size = 20, sizes = [10, 20, 50, 100] } = options;
  const [params, setParams] = useSearchParams();
  const address = params.toString();

  return useMemo(() => {
    const params = new URLSearchParams(address);
    const change = (edit: (params: URLSearchParams) => void, replace = false) =>
      setParams((before) => {
        const after = new URLSearchParams(before);
        edit(after);
        return after;
      }, { replace });

    const read = fromParams(params, fields);
    const filters = Object.keys(read).length > 0 || params.has('all') ? read : (first ?? {});
    const kept = remembered(name);
    const preferences: Preferences = {
      size: sizes.find((s) => s === Number(params.get('size') ?? kept.size)) ?? size,
      columns: params.get('columns')?.split(',') ?? kept.columns ?? columns,
      wrap: flag(params.get('wrap'), kept.wrap ?? false),
      compact: flag(params.get('compact'), kept.compact ?? false),
    };
    const order = params.get('sort');
    const sorted = order ? { field: order.replace(/^-/, ''), descending: order.startsWith('-') } : sort;

    // Tokens lead from page to page; which led where is kept for this tab, so
    // that a page can be loaded again. An address alone leads to the first.
    const list: Omit<ListRequest, 'nextToken'> = {
      ...(Object.keys(filters).length > 0 && { filterCriteria: toCriteria(filters, fields, new Date()) }),
      ...(sorted && { sortCriteria: { field: sorted.field, sortOrder: sorted.descending ? 'DESC' : 'ASC' } }),
      maxResults: preferences.size,
    };
    const key = JSON.stringify(list);
    const tokens = tokensOf(name, key);
    const wanted = Number(params.get('page') ?? 1);
    const page = Number.isInteger(wanted) && wanted > 1 && tokens[wanted - 2] !== undefined ? wanted : 1;
    const nextToken = page > 1 ? tokens[page - 2] : undefined;

    return {
      name, fields, sizes, filters, preferences, sort: sorted, page,
      pages: Math.max(page, tokens.length + 1),
      request: { ...list, ...(nextToken !== undefined && { nextToken }) },
      setFilters: (filters) =>
        change((params) => {
          const after = toParams(filters, fields, params);
          for (const name of new Set(params.keys())) params.delete(name);
          for (const [name, value] of after) params.append(name, value);
          params.delete('page');
          if (Object.keys(filters).length === 0 && first) params.set('all', '');
          else params.delete('all');
        }),
      setSort: (sort) =>
        change((params) => {
          params.set('sort', (sort.descending ? '-' : '') + sort.field);
          params.delete('page');
        }),
      setPreferences: (next) => {
        localStorage.setItem(`assay.list.${name}`, JSON.stringify(next));
        change((params) => {
          params.set('columns', next.columns.join(','));
          params.set('size', String(next.size));
          params.set('wrap', next.wrap ? '1' : '0');
          params.set('compact', next.compact ? '1' : '0');
          params.delete('page');
        });
      },
      setPage: (page) => change((params) => (page > 1 ? params.set('page', String(page)) : params.delete('page'))),
      seen: (token) => {
        const tokens = tokensOf(name, key).slice(0, page - 1);
        const before = tokensOf(name, key)[page - 1];
        if (token === before) return;
        if (token !== undefined) tokens.push(token);
        sessionStorage.setItem(`assay.pages.${name}`, JSON.stringify({ key, tokens }));
      },
    };
    // The options are the same at each call of a page.
  }, [address, name, setParams]);
}

// useChosen returns a member of the address, such as the row whose details are
// shown, what changes it, and the address with another value of it.
export function useChosen(name: string): [string | undefined, (value: string | undefined) => void, (value: string) => string] {
  const [params, setParams] = useSearchParams();
  const { pathname } = useLocation();
  const set = useCallback(
    (value: string | undefined) =>
      setParams((before) => {
        const after = new URLSearchParams(before);
        if (value === undefined) after.delete(name);
        else after.set(name, value);
        return after;
      }),
    [name, setParams],
  );
  const path = useCallback(
    (value: string) => {
      const after = new URLSearchParams(params);
      after.set(name, value);
      return `${pathname}?${after}`;
    },
    [name, params, pathname],
  );
  return [params.get(name) ?? undefined, set, path];
}

function stored<T>(storage: Storage, key: string): Partial<T> {
  try {
    return (JSON.parse(storage.getItem(key) ?? '{}') as Partial<T> | null) ?? {};
  } catch {
    return {};
  }
}

const remembered = (name: string) => stored<Preferences>(localStorage, `assay.list.${name}`);

function tokensOf(name: string, key: string): string[] {
  const kept = stored<{ key: string; tokens: string[] }>(sessionStorage, `assay.pages.${name}`);
  return kept.key === key ? (kept.tokens ?? []) : [];
}
