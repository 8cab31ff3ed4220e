import type { ReactNode } from 'react';
import classes from './small.module.css';

type EmptyStateProps = { title: string; children?: ReactNode; action?: ReactNode };

/**
 * Nothing is here yet: says so and what to do first.
 *
 * @example
 * <EmptyState title={t('empty.title')} action={<Button onClick={start}>{t('import')}</Button>}>
 *   {t('empty.first')}
 * </EmptyState>
 */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <section className={classes.empty}>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </section>
  );
}
