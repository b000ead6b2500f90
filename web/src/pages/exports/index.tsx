import { Page } from '../../parts/Page.tsx';

export default function Exports() {
  return <Page title="Exports" />;
}
