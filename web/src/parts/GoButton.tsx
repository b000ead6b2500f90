import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import { useFollow } from './Go.tsx';

// GoButton is a link within the application that looks like a button.
export function GoButton({ to, ...rest }: { to: string } & Omit<ButtonProps, 'href' | 'onFollow'>) {
  const follow = useFollow();
  return <Button {...rest} href={to} onFollow={follow as ButtonProps['onFollow']} />;
}
