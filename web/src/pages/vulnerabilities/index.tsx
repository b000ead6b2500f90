import { Navigate, useParams, useSearchParams } from 'react-router';
import { vulnerabilityPath } from '../../parts/links.ts';
import { Detail } from './Detail.tsx';
import { idOf } from './range.ts';
import { Search } from './Search.tsx';

export default function Vulnerabilities() {
  const { '*': id = '' } = useParams();
  const [params] = useSearchParams();
  const asked = idOf(params.get('id') ?? '');
  if (id !== '') return <Detail key={id} id={id} />;
  if (asked !== '') return <Navigate to={vulnerabilityPath(asked)} replace />;
  return <Search />;
}
