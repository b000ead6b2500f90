import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import { useContext, useEffect, type ReactNode } from 'react';
import { FrameContext, type Crumb } from '../shell/frame.tsx';

interface Props {
  title: string; // heading, title of the document, and last of the breadcrumbs
  description?: ReactNode;
  actions?: ReactNode;
  crumbs?: Crumb[]; // between Assay and this page
  children?: ReactNode;
}

// Page is the frame of every page: its one heading, title and breadcrumbs.
export function Page({ title, description, actions, crumbs, children }: Props) {
  const { setCrumbs } = useContext(FrameContext);
  const path = JSON.stringify(crumbs ?? []);
  useEffect(() => {
    document.title = `${title} – Assay`;
    setCrumbs([...(JSON.parse(path) as Crumb[]), { text: title, href: window.location.pathname }]);
  }, [title, path, setCrumbs]);
  return (
    <ContentLayout header={<Header variant="h1" description={description} actions={actions}>{title}</Header>}>
      {children}
    </ContentLayout>
  );
}
