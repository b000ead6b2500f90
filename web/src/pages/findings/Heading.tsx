import Header, { type HeaderProps } from '@cloudscape-design/components/header';
import { createContext, useContext } from 'react';

// Level is the level of headings within the tabs of a finding: below the page's
// own heading, or below that of the panel.
export const Level = createContext<'h2' | 'h3'>('h3');

export const Heading = (props: Omit<HeaderProps, 'variant' | 'headingTagOverride'>) => (
  <Header {...props} variant="h3" headingTagOverride={useContext(Level)} />
);
