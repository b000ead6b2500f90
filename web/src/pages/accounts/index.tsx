import { Page } from '../../parts/Page.tsx';

export default function Accounts() {
  return <Page title="Accounts" />;
}
