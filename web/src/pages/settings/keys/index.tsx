import { Page } from '../../../parts/Page.tsx';

export default function Keys() {
  return <Page title="API keys" crumbs={[{ text: 'Settings', href: '/settings' }]} />;
}
