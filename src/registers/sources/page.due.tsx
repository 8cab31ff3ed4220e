import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import type { SourceItem } from './list.ts';
import classes from './page.module.css';

/** When the next audit is due; that it is overdue is said, and not by colour alone. */
export function Due({ source }: { source: Pick<SourceItem, 'dueAt' | 'overdue' | 'retiredAt'> }) {
  const t = useWords('registers/sources');
  if (source.retiredAt) return t('retired');
  if (!source.overdue) return <RelativeTime at={source.dueAt} />;
  return (
    <span className={classes.overdue}>
      {t('overdueWord')} · <RelativeTime at={source.dueAt} />
    </span>
  );
}
