import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';

// A Scan is one that runs in the server, or has just ended.
export interface Scan {
  id: string;
  target: string;
  phase: string; // "reading", "matching"
  packages: number;
  layer?: number; // that is read, from 1, of an image
  layers?: number;
  elapsed: number; // seconds
  done: boolean;
  error?: string;
  resource?: string; // ARN or id, at the end
}

const Scans = createContext<Scan[]>([]);

// useScans returns the scans that run in the server and those that ended while
// the page was open, newest first.
export const useScans = () => useContext(Scans);

// Live keeps what is shown true: when the server says that something changed,
// queries whose key begins with its name ("findings", "coverage", "jobs") ask
// again, and so do those whose meta.live lists it.
export function Live({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [scans, setScans] = useState<Scan[]>([]);
  useEffect(() => {
    const source = new EventSource('/assay/v1/live');
    let opened = false;
    source.addEventListener('open', () => {
      if (opened) void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' }); // what was missed between
      opened = true;
    });
    // A stream that is refused does not come again by itself. The session may
    // have ended: asking for it leads to the sign-in page.
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) void client.invalidateQueries({ queryKey: ['session'] });
    });
    source.addEventListener('changed', (event) => {
      const { what } = JSON.parse(event.data) as { what: string[] };
      void client.invalidateQueries({
        predicate: ({ queryKey, meta }) => what.includes(String(queryKey[0])) || ((meta?.live ?? []) as string[]).some((name) => what.includes(name)),
      });
    });
    source.addEventListener('scan', (event) => {
      const scan = JSON.parse(event.data) as Scan;
      setScans((before) => [scan, ...before.filter(({ id }) => id !== scan.id)].slice(0, 20));
    });
    return () => source.close();
  }, [client]);
  return <Scans.Provider value={scans}>{children}</Scans.Provider>;
}
