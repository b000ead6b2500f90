import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { ApiError } from '../api/client.ts';

// Problem says what went wrong with a request, and what to do.
export function Problem({ error, retry, header }: { error: Error; retry?: () => void; header?: string }) {
  const [title, remedy] = explain(error);
  return (
    <Alert type="error" header={header ?? title} action={retry && <Button iconName="refresh" onClick={retry}>Try again</Button>}>
      {/[.!?]$/.test(error.message) ? error.message : `${error.message}.`} {remedy}
    </Alert>
  );
}

function explain(error: Error): [string, string] {
  if (!(error instanceof ApiError)) return ['That did not work', ''];
  switch (true) {
    case error.status === 0:
      return ['No answer', ''];
    case error.code === 'AccessDeniedException':
      return ['Your role does not allow this', 'Ask an administrator of the account for a key with another role.'];
    case error.status === 404:
      return ['Not found', ''];
    case error.status === 429:
      return ['Too many requests', 'Wait a moment and try again.'];
    case error.status >= 500:
      return ['The server has a problem', 'Its log says more.'];
    default:
      return ['That did not work', ''];
  }
}
