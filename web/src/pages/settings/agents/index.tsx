import { Page } from '../../../parts/Page.tsx';

export default function Agents() {
  return <Page title="Agents" crumbs={[{ text: 'Settings', href: '/settings' }]} />;
}
