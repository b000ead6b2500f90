import Box from '@cloudscape-design/components/box';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';

const failed = 'It could not be copied. Select it instead.';

// CopyId is an identifier that is copied on a click. A long one may be shown
// shortened.
export const CopyId = ({ id, show }: { id: string; show?: string }) => (
  <CopyToClipboard variant="inline" textToCopy={id} textToDisplay={show ?? id} copyButtonAriaLabel={`Copy ${show ?? id}`} copySuccessText="Copied" copyErrorText={failed} />
);

// Command is text for a terminal or another program, with a button to copy it.
export const Command = ({ text, label = 'Copy' }: { text: string; label?: string }) => (
  <div className="command">
    <pre><Box variant="code">{text}</Box></pre>
    <CopyToClipboard variant="icon" textToCopy={text} copyButtonAriaLabel={label} copySuccessText="Copied" copyErrorText={failed} />
  </div>
);

// shortId leaves out of an ARN or digest what all have in common.
export function shortId(id: string): string {
  const digest = id.replace(/sha256:([0-9a-f]{12})[0-9a-f]{52}/g, '$1');
  const arn = /^arn:[^:]*:[^:]*:[^:]*:[^:]*:(.*)$/.exec(digest);
  return arn?.[1]?.replace(/^(repository|function|instance)[/:]/, '') ?? digest;
}
