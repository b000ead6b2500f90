import { Page } from '../../../parts/Page.tsx';

export default function Feeds() {
  return <Page title="Advisory feeds" crumbs={[{ text: 'Settings', href: '/settings' }]} />;
}
