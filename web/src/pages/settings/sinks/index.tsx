import { Page } from '../../../parts/Page.tsx';

export default function Sinks() {
  return <Page title="Event sinks" crumbs={[{ text: 'Settings', href: '/settings' }]} />;
}
