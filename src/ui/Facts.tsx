import type { ReactNode } from 'react';
import classes from './small.module.css';

export type Fact = { readonly label: string; readonly value: ReactNode };

/**
 * What is known of a thing, label beside value. Facts without a value are left out.
 *
 * @example <Facts facts={[{ label: t('owner'), value: system.owner }, { label: t('starts'), value: <RelativeTime at={p.startsOn} /> }]} />
 */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const known = facts.filter(({ value }) => value !== undefined && value !== null && value !== '');
  return (
    <dl className={classes.facts}>
      {known.map(({ label, value }) => (
        <div key={label} style={{ display: 'contents' }}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
