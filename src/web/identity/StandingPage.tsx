import type { ReactNode } from 'react';
import { useTitle } from '../../ui/useTitle.ts';
import { LanguageMenu, ThemeMenu } from '../shell/Bar.tsx';
import classes from './identity.module.css';

/** A page outside of the shell: one narrow column, language and theme above it. */
export function StandingPage({
  title,
  lead,
  wide = false,
  children,
}: {
  title: string;
  lead?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
}) {
  useTitle(title);
  return (
    <div className={classes.standing}>
      <header className={classes.top}>
        <LanguageMenu />
        <ThemeMenu />
      </header>
      <main className={classes.column} data-wide={wide}>
        <h1>{title}</h1>
        {lead && <p className={classes.lead}>{lead}</p>}
        {children}
      </main>
    </div>
  );
}
