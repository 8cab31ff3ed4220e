import type { ReactNode } from 'react';
import classes from './page.module.css';

/**
 * The body of every page. `wide` gives the whole height to one register; without it the page scrolls.
 *
 * @example <Page wide><PageHeader title={t('title')} /><RegisterTable … /></Page>
 */
export function Page({ wide = false, children }: { wide?: boolean; children: ReactNode }) {
  return (
    <div className={classes.page} data-wide={wide}>
      {children}
    </div>
  );
}

/**
 * A thing's page: facts on the left, its one timeline on the right; one below the other on narrow screens.
 *
 * @example <FactsAndTimeline facts={<Facts facts={…} />} timeline={<Timeline entries={…} />} />
 */
export function FactsAndTimeline({ facts, timeline }: { facts: ReactNode; timeline: ReactNode }) {
  return (
    <div className={classes.columns}>
      <div>{facts}</div>
      <div>{timeline}</div>
    </div>
  );
}

/** A headed part of a page or sheet, set off by a hairline. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
