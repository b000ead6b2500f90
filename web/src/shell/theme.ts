import { applyDensity, applyMode, Density, Mode } from '@cloudscape-design/global-styles';

export type Theme = 'light' | 'dark' | 'system';

const key = 'assay.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');

export function theme(): Theme {
  const kept = localStorage.getItem(key);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(key, theme);
  show();
}

function show(): void {
  const kept = theme();
  const isDark = kept === 'dark' || (kept === 'system' && dark.matches);
  applyMode(isDark ? Mode.Dark : Mode.Light);
  document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
}

// startTheme shows the theme that was chosen, and follows the system's.
export function startTheme(): void {
  applyDensity(Density.Comfortable);
  show();
  dark.addEventListener('change', show);
}
