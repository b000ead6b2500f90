// What a page asks of the frame around it.
import type { FlashbarProps } from '@cloudscape-design/components/flashbar';
import { createContext, useContext, useEffect, useRef, type ReactNode } from 'react';
import { createPortal } from 'react-dom';

export interface Crumb {
  text: string;
  href: string;
}

export interface Message {
  type: NonNullable<FlashbarProps.MessageDefinition['type']>;
  header?: string;
  content: ReactNode;
  action?: ReactNode;
}

export interface Frame {
  flash: (message: Message) => void; // a message above the page; goes with the next page
  setCrumbs: (crumbs: Crumb[]) => void;
  setPanel: (panel: PanelState | undefined) => void;
  panelHost: HTMLElement | null;
}

export interface PanelState {
  header: string;
  close: () => void;
}

export const FrameContext = createContext<Frame>({ flash: () => {}, setCrumbs: () => {}, setPanel: () => {}, panelHost: null });

// useFlash returns what shows a message above the page.
export const useFlash = () => useContext(FrameContext).flash;

// Panel shows its children in the split panel, as long as it is there.
export function Panel({ header, onClose, children }: { header: string; onClose: () => void; children: ReactNode }) {
  const { setPanel, panelHost } = useContext(FrameContext);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    setPanel({ header, close: () => close.current() });
  }, [header, setPanel]);
  useEffect(() => () => setPanel(undefined), [setPanel]);
  return panelHost && createPortal(children, panelHost);
}
