import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Form from '@cloudscape-design/components/form';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useId, useLayoutEffect, useState, type ReactNode } from 'react';
import { Problem } from '../../../parts/Problem.tsx';

// useReturn gives the focus back to what had it before a window was shown, or
// the keyboard would begin anew at the top of the page.
function useReturn(visible: boolean) {
  useLayoutEffect(() => {
    const before = document.activeElement;
    return () => {
      setTimeout(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
      }, 50);
    };
  }, [visible]);
}

interface DialogProps {
  title: string;
  verb: string; // on the button that does it
  busy: boolean;
  onDo: () => void;
  onClose: () => void;
  children: ReactNode;
  size?: 'medium' | 'large';
}

// Dialog asks for what a change needs. Enter in one of its inputs does it.
export function Dialog({ title, verb, busy, onDo, onClose, children, size = 'medium' }: DialogProps) {
  const id = useId();
  useReturn(true);
  // The window, once it is there, puts the focus on its own close button.
  useEffect(() => {
    const timer = setTimeout(() => document.getElementById(id)?.querySelector<HTMLElement>('input, textarea')?.focus(), 150);
    return () => clearTimeout(timer);
  }, [id]);
  return (
    <Modal
      visible
      size={size}
      header={title}
      onDismiss={() => !busy && onClose()}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" disabled={busy} onClick={onClose}>Cancel</Button>
            <Button variant="primary" loading={busy} form={id} formAction="submit">{verb}</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={id}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onDo();
        }}
      >
        <Form><SpaceBetween size="l">{children}</SpaceBetween></Form>
      </form>
    </Modal>
  );
}

interface ConfirmProps {
  title: string; // a question
  verb: string;
  act: { isPending: boolean; error: Error | null };
  onDo: () => void;
  onClose: () => void;
  children: ReactNode; // what will come of it
}

// Confirm asks before something that cannot be taken back.
export const Confirm = ({ title, verb, act, onDo, onClose, children }: ConfirmProps) => (
  <Dialog title={title} verb={verb} busy={act.isPending} onDo={onDo} onClose={onClose}>
    <Box>{children}</Box>
    <div role="alert">{act.error && <Problem error={act.error} />}</div>
  </Dialog>
);

// Once shows what is told this one time only. Only its buttons close it.
export function Once({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  // It follows a dialog, which gives the focus back when it goes: only then can
  // this have it.
  const [visible, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => show(true), 100);
    return () => clearTimeout(timer);
  }, []);
  useReturn(visible);
  return (
    <Modal
      visible={visible}
      size="large"
      header={title}
      onDismiss={({ detail }) => detail.reason === 'closeButton' && onClose()}
      footer={<Box float="right"><Button variant="primary" onClick={onClose}>I have kept it</Button></Box>}
    >
      <SpaceBetween size="l">
        <Alert type="warning">Keep this now. The server shows it this one time only.</Alert>
        {children}
      </SpaceBetween>
    </Modal>
  );
}
