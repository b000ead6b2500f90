import { Page } from '../../../parts/Page.tsx';

export default function Registries() {
  return <Page title="Registries" crumbs={[{ text: 'Settings', href: '/settings' }]} />;
}
