import { Page } from '../../parts/Page.tsx';
import { All } from './All.tsx';

export function List() {
  return (
    <Page title="Findings" description="Vulnerabilities found in what Assay watches.">
      <All />
    </Page>
  );
}
