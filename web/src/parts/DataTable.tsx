import Button from '@cloudscape-design/components/button';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { useEffect, type ReactNode } from 'react';
import type { EmptyProps } from './Empty.tsx';
import { Empty } from './Empty.tsx';
import { FilterBox } from './FilterBox.tsx';
import { Problem } from './Problem.tsx';
import { TableHeader } from './TableHeader.tsx';
import type { View } from './view.ts';

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  sort?: string; // the API's name of the field; absent: cannot be sorted by
  width?: number; // pixels, at first
  minWidth?: number;
  rowHeader?: boolean; // names the row
  always?: boolean; // cannot be hidden
}

// The part of a query's result that is used.
interface Result {
  isPending: boolean;
  isFetching: boolean;
  error: Error | null;
  refetch: () => unknown;
}

interface Props<T> {
  view: View;
  title: string; // of the list, in the plural: "Findings"
  id: (row: T) => string;
  columns: Column<T>[];
  query: Result;
  rows: T[] | undefined; // of this page; undefined: not known yet
  nextToken?: string; // of the answer that has the rows
  counter?: string; // such as "(1,234)"
  description?: ReactNode;
  actions?: ReactNode;
  between?: ReactNode; // below the filter
  placeholder?: string; // of the filter
  nothing: EmptyProps; // when there are no rows at all
  selected?: T[];
  onSelect?: (rows: T[]) => void; // present: rows can be selected
  open?: string; // id of the row whose details are shown
}

// DataTable is a list that is filtered, sorted and paged by the server.
export function DataTable<T>(props: Props<T>) {
  const { view, title, id, columns, query, rows, nextToken, nothing } = props;
  const { preferences, filters, page } = view;
  const answered = rows !== undefined && !query.isFetching;
  const { seen } = view;
  useEffect(() => {
    if (answered) seen(nextToken);
  }, [answered, nextToken, seen]);

  const definitions = columns.map((c): TableProps.ColumnDefinition<T> => ({
    id: c.id, header: c.header, cell: c.cell, width: c.width, minWidth: c.minWidth ?? 90, isRowHeader: c.rowHeader, sortingField: c.sort,
  }));
  const sorted = definitions.find((d) => d.sortingField !== undefined && d.sortingField === view.sort?.field);
  const order = [...preferences.columns, ...columns.map((c) => c.id).filter((c) => !preferences.columns.includes(c))];
  const always = columns.filter((c) => c.always).map((c) => c.id);
  const filtered = Object.keys(filters).length > 0;

  return (
    <Table<T>
      variant="container"
      items={query.error ? [] : (rows ?? [])}
      trackBy={id}
      columnDefinitions={definitions}
      columnDisplay={order.map((c) => ({ id: c, visible: preferences.columns.includes(c) || always.includes(c) }))}
      resizableColumns
      stickyHeader
      enableKeyboardNavigation
      loading={query.isPending && !query.error}
      loadingText={`Loading ${title.toLowerCase()}`}
      wrapLines={preferences.wrap}
      contentDensity={preferences.compact ? 'compact' : 'comfortable'}
      sortingColumn={sorted}
      sortingDescending={view.sort?.descending}
      onSortingChange={({ detail }) => detail.sortingColumn.sortingField && view.setSort({ field: detail.sortingColumn.sortingField, descending: detail.isDescending ?? false })}
      {...(props.onSelect && {
        selectionType: 'multi' as const,
        selectedItems: props.selected ?? [],
        onSelectionChange: ({ detail }: { detail: { selectedItems: T[] } }) => props.onSelect?.(detail.selectedItems),
      })}
      ariaLabels={{
        tableLabel: title,
        selectionGroupLabel: `Selection of ${title.toLowerCase()}`,
        allItemsSelectionLabel: () => 'Select all on this page',
        itemSelectionLabel: (_, row) => `Select ${id(row)}`,
      }}
      header={<TableHeader title={title} counter={props.counter} description={props.description} actions={props.actions} query={query} />}
      filter={
        <SpaceBetween size="s">
          <FilterBox fields={view.fields} filters={filters} onChange={view.setFilters} placeholder={props.placeholder ?? `Filter ${title.toLowerCase()}`} />
          {props.between}
        </SpaceBetween>
      }
      pagination={
        <Pagination
          currentPageIndex={page}
          pagesCount={Math.max(view.pages, nextToken === undefined ? page : page + 1)}
          openEnd={nextToken !== undefined}
          disabled={query.isPending}
          onChange={({ detail }) => view.setPage(detail.currentPageIndex)}
        />
      }
      preferences={
        <CollectionPreferences
          title="How the list is shown"
          confirmLabel="Apply"
          cancelLabel="Cancel"
          preferences={{
            pageSize: preferences.size,
            wrapLines: preferences.wrap,
            contentDensity: preferences.compact ? 'compact' : 'comfortable',
            contentDisplay: order.map((c) => ({ id: c, visible: preferences.columns.includes(c) || always.includes(c) })),
          }}
          pageSizePreference={{ title: 'Rows a page', options: view.sizes.map((value) => ({ value, label: `${value} rows` })) }}
          wrapLinesPreference={{ label: 'Wrap lines', description: 'Show all text of a cell' }}
          contentDensityPreference={{ label: 'Compact', description: 'Show more rows in the same space' }}
          contentDisplayPreference={{ title: 'Columns', options: columns.map((c) => ({ id: c.id, label: c.header, alwaysVisible: c.always })) }}
          onConfirm={({ detail }) =>
            view.setPreferences({
              size: detail.pageSize ?? preferences.size,
              wrap: detail.wrapLines ?? false,
              compact: detail.contentDensity === 'compact',
              columns: (detail.contentDisplay ?? []).filter((c) => c.visible).map((c) => c.id),
            })
          }
        />
      }
      empty={
        query.error ? (
          <Problem error={query.error} retry={() => void query.refetch()} />
        ) : filtered ? (
          <Empty
            title={`No ${title.toLowerCase()} match the filter`}
            text="Take a condition away to see more."
            action={<Button onClick={() => view.setFilters({})}>Clear the filter</Button>}
          />
        ) : (
          <Empty {...nothing} />
        )
      }
    />
  );
}
