import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { Empty, type EmptyProps } from '../../../parts/Empty.tsx';
import { Problem } from '../../../parts/Problem.tsx';
import { count, plural } from '../../../parts/text.ts';

export interface ListColumn<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  by?: (row: T) => string | number | undefined; // what it is sorted by; absent: it is not
  width?: number;
  rowHeader?: boolean;
}

interface Props<T> {
  title: string; // in the plural: "Registries"
  id: (row: T) => string;
  columns: ListColumn<T>[];
  query: { isPending: boolean; isFetching: boolean; error: Error | null; refetch: () => unknown };
  rows: T[] | undefined;
  text: (row: T) => string; // what is searched
  sort: string; // at first: the id of a column, with a dash before it for the greatest first
  nothing: EmptyProps;
  description?: ReactNode;
  actions?: ReactNode;
}

const pageSize = 25;

const compare = (a: string | number, b: string | number) =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });

// sorted returns rows in the order of a column; what has no value comes last.
function sorted<T>(rows: T[], by: ((row: T) => string | number | undefined) | undefined, descending: boolean): T[] {
  if (!by) return rows;
  return rows.toSorted((x, y) => {
    const [a, b] = [by(x), by(y)];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return descending ? compare(b, a) : compare(a, b);
  });
}

// List is a list that the server gives whole. What is searched, the order and
// the page are in the address.
export function List<T>(props: Props<T>) {
  const { title, id, query, rows, nothing } = props;
  const [params, setParams] = useSearchParams();
  const change = (name: string, value: string, replace = false) =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      if (value === '') after.delete(name);
      else after.set(name, value);
      if (name !== 'page') after.delete('page');
      return after;
    }, { replace });
  const search = params.get('q') ?? '';
  const order = params.get('sort') ?? props.sort;
  const descending = order.startsWith('-');
  const chosen = props.columns.find((c) => c.id === order.replace(/^-/, ''));
  const found = (rows ?? []).filter((row) => props.text(row).toLowerCase().includes(search.trim().toLowerCase()));
  const pages = Math.max(1, Math.ceil(found.length / pageSize));
  const page = Math.min(pages, Math.max(1, Number(params.get('page')) || 1));
  const shown = sorted(found, chosen?.by, descending).slice((page - 1) * pageSize, page * pageSize);
  const bare = !query.error && rows?.length === 0; // what it needs is said in the list itself
  const definitions = props.columns.map((c): TableProps.ColumnDefinition<T> => ({
    id: c.id, header: c.header, cell: c.cell, width: c.width, minWidth: 90, isRowHeader: c.rowHeader, ...(c.by && { sortingField: c.id }),
  }));
  return (
    <Table<T>
      items={query.error ? [] : shown}
      trackBy={id}
      columnDefinitions={definitions}
      resizableColumns
      stickyHeader
      stickyColumns={{ last: props.columns.at(-1)?.id === 'actions' && window.innerWidth > 688 ? 1 : 0 }}
      enableKeyboardNavigation
      loading={query.isPending && !query.error}
      loadingText={`Loading ${title.toLowerCase()}`}
      sortingColumn={definitions.find((d) => d.id === chosen?.id && d.sortingField)}
      sortingDescending={descending}
      onSortingChange={({ detail }) => detail.sortingColumn.sortingField && change('sort', (detail.isDescending ? '-' : '') + detail.sortingColumn.sortingField)}
      ariaLabels={{ tableLabel: title }}
      header={
        <Header
          counter={rows && !query.error ? `(${count(rows.length)})` : undefined}
          description={props.description}
          actions={
            <SpaceBetween direction="horizontal" size="xs" alignItems="center">
              {query.isFetching && !query.isPending && <Spinner />}
              <Button iconName="refresh" ariaLabel={`Load ${title.toLowerCase()} again`} onClick={() => void query.refetch()} />
              {!(bare && nothing.action) && props.actions}
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
      filter={
        (rows?.length ?? 0) > 0 && (
          <TextFilter
            filteringText={search}
            filteringPlaceholder={`Find ${title.toLowerCase()}`}
            filteringAriaLabel={`Find ${title.toLowerCase()}`}
            countText={search === '' ? '' : plural(found.length, 'match', 'matches')}
            onChange={({ detail }) => change('q', detail.filteringText, true)}
          />
        )
      }
      pagination={pages > 1 && <Pagination currentPageIndex={page} pagesCount={pages} onChange={({ detail }) => change('page', String(detail.currentPageIndex))} />}
      empty={
        query.error ? <Problem error={query.error} retry={() => void query.refetch()} />
        : search !== '' && rows?.length ? <Empty title={`No ${title.toLowerCase()} match`} text={`Nothing in the list contains “${search}”.`} action={<Button onClick={() => change('q', '')}>Clear the search</Button>} />
        : <Empty {...nothing} />
      }
    />
  );
}
