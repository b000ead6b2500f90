import type { ReactNode } from 'react';
import { Go } from './Go.tsx';
import { useChosen } from './view.ts';

// Open is a link to the page as it is, with a member of its address set, such as
// the row whose details are shown.
export function Open({ name, value, children }: { name: string; value: string; children: ReactNode }) {
  const [, , path] = useChosen(name);
  return <Go to={path(value)}>{children}</Go>;
}
