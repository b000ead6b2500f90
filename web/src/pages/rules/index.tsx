import { Page } from '../../parts/Page.tsx';

export default function Rules() {
  return <Page title="Suppression rules" />;
}
