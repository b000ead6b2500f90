import { useQuery } from '@tanstack/react-query';
import { get } from './client.ts';
import type { Session } from './types.ts';

// useSession returns who is signed in; one request a visit.
export const useSession = () =>
  useQuery({ queryKey: ['session'], queryFn: ({ signal }) => get<Session>('/assay/v1/session', signal), staleTime: Infinity });

// may tells whether the session's role allows an action such as
// "inspector2:CreateFilter". What it does not allow is not shown.
export const may = (session: Session | undefined, action: string) => session?.actions.includes(action) ?? false;
