import Link, { type LinkProps } from '@cloudscape-design/components/link';
import { useCallback } from 'react';
import { useNavigate } from 'react-router';

interface Followed {
  preventDefault: () => void;
  detail: { href?: string; external?: boolean };
}

// useFollow returns an onFollow for Cloudscape's components: links of this
// application do not load it anew.
export function useFollow() {
  const navigate = useNavigate();
  return useCallback(
    (event: Followed) => {
      const { href, external } = event.detail;
      if (!href?.startsWith('/') || external) return;
      event.preventDefault();
      void navigate(href);
    },
    [navigate],
  );
}

// Go is a link within the application.
export function Go({ to, ...rest }: { to: string } & Omit<LinkProps, 'href' | 'onFollow'>) {
  const follow = useFollow();
  return <Link {...rest} href={to} onFollow={follow} />;
}

// Out is a link to another site, which opens in a tab of its own.
export const Out = ({ href, children }: { href: string; children?: LinkProps['children'] }) => (
  <Link href={/^https?:\/\//i.test(href) ? href : undefined} external target="_blank" rel="noopener noreferrer">{children ?? href}</Link>
);
