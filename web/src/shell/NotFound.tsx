import Box from '@cloudscape-design/components/box';
import { Go } from '../parts/Go.tsx';
import { Page } from '../parts/Page.tsx';

export function NotFound() {
  return (
    <Page title="Page not found">
      <Box>There is no page at this address. <Go to="/summary">Go to the summary</Go></Box>
    </Page>
  );
}
