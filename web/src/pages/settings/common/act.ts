// Changes: making them, and saying what came of them.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createElement, type ReactNode } from 'react';
import { Problem } from '../../../parts/Problem.tsx';
import { useFlash } from '../../../shell/frame.tsx';
import { sentence, type Wrong } from './wrong.ts';

interface Options<In, Out> {
  refresh?: string[]; // key of the queries that have to be asked again
  done?: (out: Out, given: In) => ReactNode; // said above the page
  then?: (out: Out, given: In) => void;
  quiet?: boolean; // whoever calls shows the error
}

// useAct returns a change that refreshes what is shown and says what came of it.
export function useAct<In = void, Out = unknown>(run: (given: In) => Promise<Out>, { refresh, done, then, quiet }: Options<In, Out>) {
  const client = useQueryClient();
  const flash = useFlash();
  return useMutation<Out, Error, In>({
    mutationFn: run,
    onSuccess: (out, given) => {
      if (refresh) void client.invalidateQueries({ queryKey: refresh });
      if (done) flash({ type: 'success', content: done(out, given) });
      then?.(out, given);
    },
    onError: (error) => {
      if (!quiet) flash({ type: 'error', content: sentence(error.message) });
      else setTimeout(toWrong, 100);
    },
  });
}

// toWrong leads to the first field in which something is wrong.
const toWrong = () => document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus();

// problem shows what is about no field.
export const problem = (wrong: Wrong, header: string) => wrong.rest && createElement('div', { role: 'alert' }, createElement(Problem, { error: wrong.rest, header }));
