import { Page } from '../../../parts/Page.tsx';

export default function Functions() {
  return <Page title="Functions" crumbs={[{ text: 'Settings', href: '/settings' }]} />;
}
