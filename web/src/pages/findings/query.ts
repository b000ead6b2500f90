import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { Finding } from '../../api/types.ts';

// useFinding returns one finding by its ARN; known is that finding if a list has
// it already, which spares the request.
export function useFinding(arn: string | undefined, known?: Finding) {
  return useQuery({
    queryKey: ['findings', 'one', arn],
    queryFn: async ({ signal }) => {
      const filterCriteria = { findingArn: [{ comparison: 'EQUALS', value: arn }] };
      const { findings } = await call<{ findings: Finding[] }>('/findings/list', { filterCriteria, maxResults: 1 }, signal);
      return findings[0] ?? null;
    },
    enabled: arn !== undefined && known === undefined,
  });
}
