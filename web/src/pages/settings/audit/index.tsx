import { Page } from '../../../parts/Page.tsx';

export default function Audit() {
  return <Page title="Audit log" crumbs={[{ text: 'Settings', href: '/settings' }]} />;
}
