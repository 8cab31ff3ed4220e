import classes from './small.module.css';

/** A key to press. @example <Kbd>⌘K</Kbd> */
export function Kbd({ children }: { children: string }) {
  return <kbd className={classes.key}>{children}</kbd>;
}
