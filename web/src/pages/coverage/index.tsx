import { Page } from '../../parts/Page.tsx';

export default function Coverage() {
  return <Page title="Coverage" />;
}
