import { queryOptions } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import type { Summary } from './types.ts';

// All of the page is one request.
export const summaryQuery = queryOptions({
  queryKey: ['findings', 'summary'],
  queryFn: ({ signal }) => get<Summary>('/assay/v1/summary', signal),
  meta: { live: ['coverage', 'jobs'] },
});

// covered tells whether anything is watched.
export const covered = (summary: Summary) => summary.coverage.some(({ total }) => total > 0);
