import '@cloudscape-design/global-styles/index.css';
import I18nProvider from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';
import { ApiError } from './api/client.ts';
import { home as Home, pages, settings, signIn as SignIn } from './pages.ts';
import { NotFound } from './shell/NotFound.tsx';
import { Shell } from './shell/Shell.tsx';
import { startTheme } from './shell/theme.ts';
import './styles.css';

startTheme();

// A request is made again only where that may help: not when it was wrong.
const again = (failures: number, error: Error) =>
  failures < 3 && error instanceof ApiError && (error.status === 429 || error.status >= 500);

const client = new QueryClient({ defaultOptions: { queries: { retry: again, staleTime: 10_000 } } });

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <Routes>
            <Route path="/signin" element={<Suspense><SignIn /></Suspense>} />
            <Route element={<Shell />}>
              <Route index element={<Home />} />
              <Route path="/settings" element={<Navigate to={settings[0]!.path} replace />} />
              {[...pages, ...settings].map(({ path, page: Page }) => <Route key={path} path={`${path}/*`} element={<Page />} />)}
              <Route path="*" element={<NotFound />} />
            </Route>
          </Routes>
        </BrowserRouter>
      </QueryClientProvider>
    </I18nProvider>
  </StrictMode>,
);
