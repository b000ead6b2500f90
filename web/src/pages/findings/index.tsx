import { useParams } from 'react-router';
import { List } from './List.tsx';
import { One } from './One.tsx';

// Addresses: /findings?FILTER&tab=TAB is the list, with finding=ARN one of it
// beside it; /findings/ARN is the page of one.
export default function Findings() {
  const { '*': arn = '' } = useParams();
  return arn === '' ? <List /> : <One key={arn} arn={arn} />;
}
