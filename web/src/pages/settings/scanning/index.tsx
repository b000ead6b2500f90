import { Page } from '../../../parts/Page.tsx';

export default function Scanning() {
  return <Page title="Scanning" crumbs={[{ text: 'Settings', href: '/settings' }]} />;
}
