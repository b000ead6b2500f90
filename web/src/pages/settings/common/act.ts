// Changes: making them, and saying what came of them.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createElement, type ReactNode } from 'react';
import { ApiError } from '../../../api/client.ts';
import { Problem } from '../../../parts/Problem.tsx';
import { useFlash } from '../../../shell/frame.tsx';

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
      if (!quiet) flash({ type: 'error', content: createElement('span', undefined, sentence(error.message)) });
    },
  });
}

// sentence ends a text as one, and begins it as one.
export const sentence = (text: string) => (text === '' ? '' : text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.'));

export interface Wrong {
  on: (field: string) => string | undefined; // what is wrong with it
  rest: Error | undefined; // what is about no field that is there
}

// wrongWith returns an error as what is wrong with the fields of a form: the
// server says "name: must have from 1 to 256 bytes" or, as Amazon does,
// "Value at 'name' failed to satisfy constraint: …".
export function wrongWith(error: Error | null | undefined, fields: readonly string[]): Wrong {
  const none = () => undefined;
  if (!error) return { on: none, rest: undefined };
  const own = /^([A-Za-z][\w.]*): (.*)$/s.exec(error.message) ?? /Value at '([\w.]+)' failed to satisfy constraint: (.*)$/s.exec(error.message);
  const name = fields.find((f) => f === own?.[1]) ?? fields.find((f) => own?.[1]?.split('.').includes(f));
  if (!(error instanceof ApiError) || !own || name === undefined) return { on: none, rest: error };
  return { on: (field) => (field === name ? sentence(own[2] ?? '') : undefined), rest: undefined };
}

export const problem = (wrong: Wrong, header: string) => wrong.rest && createElement(Problem, { error: wrong.rest, header });
