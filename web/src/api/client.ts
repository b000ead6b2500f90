// Requests to the server: the same API as everyone's, with the session's
// cookie instead of a signature.

// An ApiError is an answer that is not the one that was asked for.
export class ApiError extends Error {
  constructor(
    readonly status: number, // of HTTP; 0: no answer
    readonly code: string, // name of the exception, such as "ValidationException"
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

// send makes a request and returns the JSON of its answer. A session that has
// ended leads to the sign-in page.
export async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  // No form of another site can set X-Assay-Page, and it tells the server that a
  // request without a session is one of the page.
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Assay-Page': '1' };
  const form = body instanceof FormData; // the browser says where its parts end
  if (body !== undefined && !form) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(path, { method, headers, signal, body: form ? body : body === undefined ? undefined : JSON.stringify(body), credentials: 'same-origin' });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'NoAnswer', 'The server does not answer. Check that it runs and that this machine reaches it.');
  }
  const text = await response.text();
  let answer: unknown;
  try {
    answer = text === '' ? {} : JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (response.ok && answer !== undefined) return answer as T;
  const { code, message, Message } = (answer ?? {}) as { code?: string; message?: string; Message?: string };
  const name = code ?? (response.headers.get('x-amzn-ErrorType') ?? '').split(':')[0] ?? '';
  const error = new ApiError(response.status, name || `HTTP ${response.status}`, message ?? Message ?? 'The server gave an answer that this page does not understand.');
  if (error.status === 401) toSignIn();
  throw error;
}

export const get = <T>(path: string, signal?: AbortSignal) => send<T>('GET', path, undefined, signal);
export const call = <T>(path: string, body: unknown = {}, signal?: AbortSignal) => send<T>('POST', path, body, signal);

function toSignIn(): void {
  const { pathname, search } = window.location;
  if (pathname.startsWith('/signin')) return;
  const from = pathname === '/' ? '' : `?from=${encodeURIComponent(pathname + search)}`;
  window.location.assign(`/signin${from}`);
}
