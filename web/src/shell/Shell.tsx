import AppLayoutToolbar from '@cloudscape-design/components/app-layout-toolbar';
import Box from '@cloudscape-design/components/box';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import Flashbar from '@cloudscape-design/components/flashbar';
import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import Spinner from '@cloudscape-design/components/spinner';
import SplitPanel from '@cloudscape-design/components/split-panel';
import TopNavigation from '@cloudscape-design/components/top-navigation';
import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useCallback, useMemo, useState } from 'react';
import { Outlet, useLocation, useNavigate } from 'react-router';
import { send } from '../api/client.ts';
import { Live } from '../api/live.tsx';
import { may, useSession } from '../api/session.ts';
import type { Session } from '../api/types.ts';
import { pages, settings, type PageEntry } from '../pages.ts';
import { useFollow } from '../parts/Go.tsx';
import { Problem } from '../parts/Problem.tsx';
import { Boundary } from './Boundary.tsx';
import { FrameContext, type Crumb, type Message, type PanelState } from './frame.tsx';
import { setTheme, theme as chosenTheme, type Theme } from './theme.ts';

export function Shell() {
  const session = useSession();
  if (session.isPending) return <Box padding="xxxl" textAlign="center"><Spinner size="large" /><Box variant="p">Loading</Box></Box>;
  if (session.error) return <Box padding="xxxl"><Problem error={session.error} retry={() => void session.refetch()} /></Box>;
  return (
    <Live>
      <Frame session={session.data} />
    </Live>
  );
}

function Frame({ session }: { session: Session }) {
  const { pathname } = useLocation();
  const follow = useFollow();
  const [crumbs, setCrumbs] = useState<Crumb[]>([]);
  const [panel, setPanel] = useState<PanelState>();
  const [panelHost, setPanelHost] = useState<HTMLElement | null>(null);
  const [messages, setMessages] = useState<(Message & { id: string })[]>([]);
  const [navigationOpen, setNavigationOpen] = useState(() => window.innerWidth > 688);
  const flash = useCallback((message: Message) => setMessages((before) => [{ ...message, id: crypto.randomUUID?.() ?? String(Math.random()) }, ...before].slice(0, 5)), []);
  const frame = useMemo(() => ({ flash, setCrumbs, setPanel, panelHost }), [flash, panelHost]);

  return (
    <FrameContext value={frame}>
      <div id="top">
        <Top session={session} />
      </div>
      <AppLayoutToolbar
        headerSelector="#top"
        toolsHide
        maxContentWidth={Number.MAX_VALUE}
        navigationOpen={navigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        navigation={<Navigation session={session} path={pathname} />}
        breadcrumbs={crumbs.length > 0 && <BreadcrumbGroup items={[{ text: 'Assay', href: '/summary' }, ...crumbs]} onFollow={follow} />}
        notifications={
          <Flashbar
            stackItems
            items={messages.map(({ id, ...message }) => ({
              ...message, id, dismissible: true, dismissLabel: 'Close this message', onDismiss: () => setMessages((before) => before.filter((m) => m.id !== id)),
            }))}
          />
        }
        splitPanelOpen={panel !== undefined}
        onSplitPanelToggle={({ detail }) => !detail.open && panel?.close()}
        splitPanel={panel && <SplitPanel header={panel.header} closeBehavior="hide"><div ref={setPanelHost} /></SplitPanel>}
        content={
          <Boundary key={pathname.split('/').slice(0, 3).join('/')}>
            <Suspense fallback={<Box padding="xxl" textAlign="center"><Spinner /></Box>}>
              <Outlet />
            </Suspense>
          </Boundary>
        }
      />
    </FrameContext>
  );
}

function Top({ session }: { session: Session }) {
  const client = useQueryClient();
  const follow = useFollow();
  const navigate = useNavigate();
  const [theme, choose] = useState<Theme>(chosenTheme);
  const themes: [Theme, string][] = [['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']];
  const onItemClick = (id: string) => {
    if (id === 'sign-out') {
      void send('DELETE', '/assay/v1/session').catch(() => undefined).then(() => {
        client.clear();
        window.location.assign('/signin');
      });
    } else if (id.startsWith('/')) {
      void navigate(id);
    }
  };
  return (
    <TopNavigation
      identity={{ href: '/summary', title: 'Assay', onFollow: follow }}
      utilities={[
        {
          type: 'menu-dropdown', iconName: 'settings', ariaLabel: 'Theme', title: 'Theme',
          items: themes.map(([id, text]) => ({ id, text, itemType: 'checkbox' as const, checked: id === theme })),
          onItemClick: ({ detail }) => {
            setTheme(detail.id as Theme);
            choose(detail.id as Theme);
          },
        },
        {
          type: 'menu-dropdown', text: session.region, title: 'Region', ariaLabel: `Region ${session.region}`,
          items: [{ id: 'region', text: session.region, secondaryText: 'A server of Assay is one region.', disabled: true }],
        },
        {
          type: 'menu-dropdown', iconName: 'user-profile', text: session.accountName || session.account, title: session.name,
          description: `Account ${session.account}, role ${session.role}`,
          items: [
            { id: '/settings/keys', text: 'API keys' },
            { id: 'version', text: `Assay ${session.version}`, disabled: true },
            { id: 'sign-out', text: 'Sign out' },
          ],
          onItemClick: ({ detail }) => onItemClick(detail.id),
        },
      ]}
      i18nStrings={{ overflowMenuTriggerText: 'More', overflowMenuTitleText: 'All', overflowMenuBackIconAriaLabel: 'Back', overflowMenuDismissIconAriaLabel: 'Close' }}
    />
  );
}

function Navigation({ session, path }: { session: Session; path: string }) {
  const follow = useFollow();
  const link = ({ path, text }: PageEntry): SideNavigationProps.Link => ({ type: 'link', href: path, text });
  const shown = ({ action }: PageEntry) => action === undefined || may(session, action);
  const active = [...pages, ...settings].find((entry) => path === entry.path || path.startsWith(`${entry.path}/`));
  return (
    <SideNavigation
      activeHref={active?.path ?? ''}
      onFollow={follow}
      items={[
        ...pages.filter(shown).map(link),
        { type: 'section', text: 'Settings', defaultExpanded: path.startsWith('/settings'), items: settings.filter(shown).map(link) },
      ]}
    />
  );
}
