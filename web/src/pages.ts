// All pages: where they are, and what loads them.
import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

export interface PageEntry {
  path: string; // with what follows it, unless it ends with a further entry
  text: string; // in the navigation
  page: LazyExoticComponent<ComponentType>;
  action?: string; // that a role must allow for the page to be shown
}

type Load = () => Promise<{ default: ComponentType }>;
const entry = (path: string, text: string, load: Load, action?: string): PageEntry => ({ path, text, page: lazy(load), action });

export const pages: PageEntry[] = [
  entry('/start', 'Getting started', () => import('./pages/start/index.tsx')),
  entry('/summary', 'Summary', () => import('./pages/summary/index.tsx'), 'inspector2:ListFindings'),
  entry('/findings', 'Findings', () => import('./pages/findings/index.tsx'), 'inspector2:ListFindings'),
  entry('/vulnerabilities', 'Vulnerability search', () => import('./pages/vulnerabilities/index.tsx'), 'inspector2:SearchVulnerabilities'),
  entry('/coverage', 'Coverage', () => import('./pages/coverage/index.tsx'), 'inspector2:ListCoverage'),
  entry('/rules', 'Suppression rules', () => import('./pages/rules/index.tsx'), 'inspector2:ListFilters'),
  entry('/exports', 'Exports', () => import('./pages/exports/index.tsx')),
  entry('/accounts', 'Accounts', () => import('./pages/accounts/index.tsx'), 'inspector2:ListMembers'),
];

export const settings: PageEntry[] = [
  entry('/settings/registries', 'Registries', () => import('./pages/settings/registries/index.tsx'), 'assay:ListRegistries'),
  entry('/settings/functions', 'Functions', () => import('./pages/settings/functions/index.tsx'), 'assay:ListFunctionSources'),
  entry('/settings/agents', 'Agents', () => import('./pages/settings/agents/index.tsx'), 'assay:ListAgents'),
  entry('/settings/scanning', 'Scanning', () => import('./pages/settings/scanning/index.tsx'), 'inspector2:GetConfiguration'),
  entry('/settings/sinks', 'Event sinks', () => import('./pages/settings/sinks/index.tsx'), 'assay:ListSinks'),
  entry('/settings/feeds', 'Advisory feeds', () => import('./pages/settings/feeds/index.tsx'), 'assay:ListFeeds'),
  entry('/settings/keys', 'API keys', () => import('./pages/settings/keys/index.tsx'), 'assay:ListKeys'),
  entry('/settings/audit', 'Audit log', () => import('./pages/settings/audit/index.tsx'), 'assay:ListAudit'),
];

// Leads to the page to begin with.
export const home = lazy(() => import('./pages/summary/Home.tsx'));
export const signIn = lazy(() => import('./pages/signin/index.tsx'));
