import { useChosen } from '../../../parts/view.ts';
import { useSession, may } from '../../../api/session.ts';
import { useQuery } from '@tanstack/react-query';
import { Sub } from '../common/Sub.tsx';
import { RegistryForm } from './RegistryForm.tsx';
import { registriesQuery } from './registry.ts';
import { RegistryList } from './RegistryList.tsx';

export default function Registries() {
  const session = useSession().data;
  const [edited, edit] = useChosen('edit');
  const query = useQuery({ ...registriesQuery, enabled: may(session, 'assay:ListRegistries') });
  const before = query.data?.find((r) => r.id === edited);
  if (edited === 'new' && may(session, 'assay:CreateRegistry')) return <RegistryForm onClose={() => edit(undefined)} />;
  if (before && may(session, 'assay:UpdateRegistry')) return <RegistryForm key={before.id} before={before} onClose={() => edit(undefined)} />;
  return (
    <Sub title="Registries" description="Registries of container images. What they hold is found, scanned, and stays in the findings as long as it is there." action="assay:ListRegistries">
      <RegistryList query={query} onEdit={edit} />
    </Sub>
  );
}
