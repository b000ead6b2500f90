import { useMutation } from '@tanstack/react-query';
import { ApiError, call } from '../../api/client.ts';
import { plural } from '../../parts/text.ts';
import { useFlash } from '../../shell/frame.tsx';
import { nameOf, type Covered } from './types.ts';

const lines = (texts: string[]) => [...new Set(texts)].map((text) => <div key={text} className="break">{text}</div>);

interface Answer {
  how?: string; // the server's words on who scans it, and when
  problem?: string; // why it is not scanned
}

// useRescan has resources scanned again, one after the other, and tells what
// the server says of each.
export function useRescan() {
  const flash = useFlash();
  return useMutation({
    mutationFn: async (resources: Covered[]): Promise<Answer[]> => {
      const answers: Answer[] = [];
      const seen = new Set<string>(); // a resource has a row for each type of scan
      for (const { resourceId, resourceType } of resources) {
        if (seen.has(`${resourceType} ${resourceId}`)) continue;
        seen.add(`${resourceType} ${resourceId}`);
        try {
          const { how } = await call<{ started: boolean; how?: string }>('/assay/v1/rescan', { resourceId, type: resourceType });
          answers.push({ how: how ?? '' });
        } catch (error) {
          if (!(error instanceof ApiError) || error.status === 0 || error.status === 401) throw error;
          answers.push({ problem: error.message });
        }
      }
      return answers;
    },
    onSuccess: (answers, resources) => {
      const started = answers.filter((a) => a.problem === undefined);
      const problems = answers.flatMap((a) => a.problem ?? []);
      const what = answers.length === 1 ? nameOf(resources[0]!) : undefined;
      if (started.length > 0) {
        flash({ type: 'success', header: what ? `${what} will be scanned again` : `${plural(started.length, 'resource')} will be scanned again`, content: lines(started.flatMap((a) => a.how || [])) });
      }
      if (problems.length > 0) {
        const refused = answers.length - started.length;
        flash({ type: 'warning', header: what ? `${what} cannot be scanned again from here` : `${plural(refused, 'resource')} cannot be scanned again from here`, content: lines(problems) });
      }
    },
    onError: (error) => flash({ type: 'error', header: 'Nothing was scanned again', content: error.message }),
  });
}
