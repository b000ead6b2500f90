// What is wrong with what was typed, as text. All functions are pure.
import { ApiError } from '../../../api/client.ts';

// numberOf reads what was typed into a field. JSON has no word for what is no
// number, and the server would take it for what was not given.
export function numberOf(field: string, text: string): number {
  const n = Number(text.replaceAll(',', '').trim() || NaN);
  if (Number.isNaN(n)) throw new ApiError(400, 'ValidationException', `${field}: must be a number`);
  return n;
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
  return { on: (field) => (field === name ? sentence((own[2] ?? '').replace(/^"" /, '')) : undefined), rest: undefined };
}
