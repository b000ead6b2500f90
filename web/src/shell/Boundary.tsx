import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Alert from '@cloudscape-design/components/alert';
import { Component, type ReactNode } from 'react';

// Boundary shows what went wrong in a page, and leaves the frame standing. A
// part of the page that cannot be loaded is mostly of a version that the server
// no longer has: loading again brings the new one.
export class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const missing = /dynamically imported module|module script|preload/i.test(error.message);
    return (
      <Box padding={{ vertical: 'xl' }}>
        <Alert
          type="error"
          header={missing ? 'This page could not be loaded' : 'This page has a fault'}
          action={<Button onClick={() => window.location.reload()}>Load again</Button>}
        >
          {missing ? 'The server may have been updated, or does not answer.' : `Please report it with this text: ${error.message}`}
        </Alert>
      </Box>
    );
  }
}
