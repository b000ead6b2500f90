import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { resourceTypeNames, statusNames } from '../../filter/fields.ts';
import { CopyId, shortId } from '../../parts/Copy.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Go } from '../../parts/Go.tsx';
import { findingPath, findingsPath } from '../../parts/links.ts';
import { count, named, plural } from '../../parts/text.ts';
import { useChosen } from '../../parts/view.ts';
import { rangeText } from './range.ts';
import type { Affected, Hit, Range, Vulnerability } from './types.ts';
import { GoButton } from '../../parts/GoButton.tsx';

const states: Record<string, [StatusIndicatorProps.Type, string]> = { ACTIVE: ['error', 'Hit'], CLOSED: ['success', 'Fixed'], SUPPRESSED: ['stopped', 'Hit, suppressed'] };

const State = ({ of }: { of: string }) => {
  const [type, text] = states[of] ?? (['info', named(of, statusNames)] as const);
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
};

const most = 100; // resources that the server lists

// Resources are those of the caller that are or were hit.
export function Resources({ of: { id, resources = [], more } }: { of: Vulnerability }) {
  const cut = more === true && resources.length >= most;
  const hit = new Set(resources.filter(({ status }) => status !== 'CLOSED').map((r) => r.id)).size;
  const fixed = new Set(resources.map((r) => r.id)).size - hit;
  const all = findingsPath({ vulnerabilityId: id, findingStatus: ['ACTIVE', 'SUPPRESSED', 'CLOSED'] });
  return (
    <Table<Hit>
      items={resources}
      trackBy={(r) => `${r.id} ${r.package} ${r.version}`}
      wrapLines
      ariaLabels={{ tableLabel: 'Your resources' }}
      header={
        <Header
          variant="h2"
          counter={resources.length > 0 ? `(${count(resources.length)}${cut ? '+' : ''})` : undefined}
          description={resources.length === 0 ? undefined : cut ? 'The first of them; the findings have them all.' : `${plural(hit, 'resource')} hit, ${count(fixed)} fixed.`}
          actions={resources.length > 0 && <GoButton to={all}>See the findings</GoButton>}
        >
          Your resources
        </Header>
      }
      empty={<Empty title="None of your resources is hit" text="Of what is watched, nothing has an affected version, or had one in what is still kept." action={<GoButton to="/coverage">See what is watched</GoButton>} />}
      columnDefinitions={[
        { id: 'status', header: 'Status', minWidth: 110, cell: (r) => (r.findingArn ? <Go to={findingPath(r.findingArn)}><State of={r.status} /></Go> : <State of={r.status} />) },
        { id: 'resource', header: 'Resource', minWidth: 220, isRowHeader: true, cell: (r) => <span className="break"><CopyId id={r.id} show={shortId(r.id)} /></span> },
        { id: 'type', header: 'Type', minWidth: 130, cell: (r) => named(r.type, resourceTypeNames) },
        { id: 'package', header: 'Package', minWidth: 140, cell: (r) => <span className="break">{r.package}</span> },
        { id: 'version', header: 'Installed', minWidth: 130, cell: (r) => <span className="break">{r.version}</span> },
        { id: 'fixed', header: 'Fixed in', minWidth: 130, cell: (r) => <span className="break">{r.fixed || '–'}</span> },
      ]}
    />
  );
}

// What publishers say of packages besides versions. Source: VEX and the
// publishers' feeds.
const stateNames: Record<string, string> = {
  'not-affected': 'Not affected',
  'will-not-fix': 'Will not be fixed',
  'fix-deferred': 'Fix is deferred',
  'end-of-life': 'No longer maintained',
  'under-investigation': 'Under investigation',
};

const stateText = ({ state = '', ranges }: Affected, versions: string) => {
  const name = stateNames[state] ?? named(state);
  return ranges?.length && state !== 'not-affected' ? `${name}: ${versions}` : name;
};

const size = 20; // rows a page

// AffectedPackages are all that the advisories name, whether anything of it is
// watched or not.
export function AffectedPackages({ of }: { of: Affected[] }) {
  const [text, setText] = useChosen('package');
  const [wanted, setWanted] = useChosen('page');
  const search = (text ?? '').toLowerCase();
  const rows = of.flatMap((a, n) => {
    const ranges: Range[] = a.ranges?.length ? a.ranges : [{}];
    return ranges.map((range, i) => ({ ...a, key: `${n} ${i}`, versions: a.state ? stateText(a, rangeText(range)) : rangeText(range), fixed: range.fixed }));
  });
  const found = rows.filter((a) => `${a.ecosystem} ${a.package} ${a.advisory}`.toLowerCase().includes(search));
  const pages = Math.max(1, Math.ceil(found.length / size));
  const page = Math.min(pages, Math.max(1, Math.floor(Number(wanted)) || 1));
  return (
    <Table
      items={found.slice((page - 1) * size, page * size)}
      trackBy="key"
      wrapLines
      ariaLabels={{ tableLabel: 'Affected packages' }}
      header={<Header variant="h2" counter={rows.length > 0 ? `(${count(rows.length)})` : undefined} description="All that the advisories name, whether you have it or not.">Affected packages</Header>}
      filter={rows.length > size && <TextFilter filteringText={text ?? ''} filteringPlaceholder="Find a package, ecosystem or advisory" filteringAriaLabel="Find a package, ecosystem or advisory" countText={plural(found.length, 'match', 'matches')} onChange={({ detail }) => setText(detail.filteringText || undefined)} />}
      pagination={pages > 1 && <Pagination currentPageIndex={page} pagesCount={pages} onChange={({ detail }) => setWanted(detail.currentPageIndex > 1 ? String(detail.currentPageIndex) : undefined)} />}
      empty={rows.length > 0 ? <Empty title="No package matches" text="Look for another ecosystem or package." /> : <Empty title="No packages are known" text="The database in use has no affected package for it." />}
      columnDefinitions={[
        { id: 'package', header: 'Package', minWidth: 180, isRowHeader: true, cell: (a) => <span className="break">{a.package}</span> },
        { id: 'ecosystem', header: 'Ecosystem', minWidth: 140, cell: (a) => a.ecosystem },
        { id: 'versions', header: 'Affected versions', minWidth: 220, cell: (a) => <span className="break">{a.versions}</span> },
        { id: 'advisory', header: 'Advisory', minWidth: 160, cell: (a) => <span className="break">{a.advisory ?? '–'}</span> },
        { id: 'fixed', header: 'Fixed in', minWidth: 140, cell: (a) => <span className="break">{a.fixed || '–'}</span> },
      ]}
    />
  );
}
