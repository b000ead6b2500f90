import Button from '@cloudscape-design/components/button';
import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { Empty, type EmptyProps } from './Empty.tsx';
import { Problem } from './Problem.tsx';
import { TableHeader } from './TableHeader.tsx';
import { count, plural } from './text.ts';

export interface LocalColumn<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  by?: (row: T) => string | number; // what it is sorted by; absent: not
  width?: number; // pixels, at first
  rowHeader?: boolean; // names the row
}

interface Props<T> {
  name: string; // of the list, before its members of the address
  title: string; // in the plural
  one: string; // in the singular, such as "rule"
  id: (row: T) => string;
  label: (row: T) => string; // names a row for those who do not see it
  columns: LocalColumn<T>[];
  query: { isPending: boolean; isFetching: boolean; error: Error | null; refetch: () => unknown };
  rows: T[] | undefined; // all there are; undefined: not known yet
  text?: (row: T) => string; // what is searched; absent: no search
  sort?: string; // column at first, with "-" the other way round
  description?: ReactNode;
  actions?: ReactNode;
  nothing: EmptyProps;
  size?: number;
  selected?: T[];
  onSelect?: (rows: T[]) => void;
  single?: boolean; // whether one row at most is selected
}

// LocalTable is a list short enough for the page to have all of it, which it
// searches and sorts itself.
export function LocalTable<T>(props: Props<T>) {
  const { name, title, one, id, label, columns, query, rows, text, size = 20, nothing } = props;
  const [params, setParams] = useSearchParams();
  const member = (what: string) => `${name}.${what}`;
  const change = (values: Record<string, string>, replace = false) =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      for (const [what, value] of Object.entries(values)) {
        if (value === '') after.delete(member(what));
        else after.set(member(what), value);
      }
      return after;
    }, { replace });

  const wanted = params.get(member('find')) ?? '';
  const order = params.get(member('sort')) ?? props.sort ?? '';
  const descending = order.startsWith('-');
  const column = columns.find((c) => c.id === order.replace(/^-/, ''));
  const found = (rows ?? []).filter((row) => wanted === '' || !text || text(row).toLowerCase().includes(wanted.toLowerCase()));
  const by = column?.by;
  const sorted = by ? [...found].sort((a, b) => compare(by(a), by(b)) * (descending ? -1 : 1)) : found;
  const pages = Math.max(1, Math.ceil(sorted.length / size));
  const page = Math.min(pages, Math.max(1, Number(params.get(member('page')) ?? 1) || 1));

  const bare = !query.error && rows?.length === 0; // what it needs is said in the list itself
  const definitions = columns.map((c) => ({
    id: c.id, header: c.header, cell: c.cell, width: c.width, minWidth: 90, isRowHeader: c.rowHeader, sortingField: c.by ? c.id : undefined,
  }));
  return (
    <Table<T>
      variant="container"
      items={query.error ? [] : sorted.slice((page - 1) * size, page * size)}
      trackBy={id}
      columnDefinitions={definitions}
      resizableColumns
      enableKeyboardNavigation
      wrapLines
      loading={query.isPending && !query.error}
      loadingText={`Loading ${title.toLowerCase()}`}
      sortingColumn={definitions.find((d) => d.id === column?.id && d.sortingField)}
      sortingDescending={descending}
      onSortingChange={({ detail }) => change({ sort: (detail.isDescending ? '-' : '') + (detail.sortingColumn.sortingField ?? ''), page: '' })}
      {...(props.onSelect && {
        selectionType: props.single ? ('single' as const) : ('multi' as const),
        selectedItems: props.selected ?? [],
        onSelectionChange: ({ detail }: { detail: { selectedItems: T[] } }) => props.onSelect?.(detail.selectedItems),
      })}
      ariaLabels={{
        tableLabel: title,
        selectionGroupLabel: `Selection of ${title.toLowerCase()}`,
        allItemsSelectionLabel: () => 'Select all on this page',
        itemSelectionLabel: (_, row) => `Select ${label(row)}`,
      }}
      header={<TableHeader title={title} counter={rows && `(${count(rows.length)})`} description={props.description} actions={!(bare && nothing.action) && props.actions} query={query} />}
      filter={
        text && (rows?.length ?? 0) > 0 && (
          <TextFilter
            filteringText={wanted}
            filteringPlaceholder={`Find ${title.toLowerCase()}`}
            filteringAriaLabel={`Find ${title.toLowerCase()}`}
            countText={wanted === '' ? '' : plural(found.length, 'match', 'matches')}
            onChange={({ detail }) => change({ find: detail.filteringText, page: '' }, true)}
          />
        )
      }
      pagination={
        pages > 1 && (
          <Pagination
            currentPageIndex={page}
            pagesCount={pages}
            onChange={({ detail }) => change({ page: detail.currentPageIndex > 1 ? String(detail.currentPageIndex) : '' })}
            ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', paginationLabel: `Pages of ${title.toLowerCase()}`, pageLabel: (n) => `Page ${n}` }}
          />
        )
      }
      empty={
        query.error ? (
          <Problem error={query.error} retry={() => void query.refetch()} />
        ) : wanted !== '' && (rows?.length ?? 0) > 0 ? (
          <Empty title={`No ${one} has “${wanted}”`} text="Look for something else, or see all." action={<Button onClick={() => change({ find: '' })}>Show all</Button>} />
        ) : (
          <Empty {...nothing} />
        )
      }
    />
  );
}

const compare = (a: string | number, b: string | number) => (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b)));
