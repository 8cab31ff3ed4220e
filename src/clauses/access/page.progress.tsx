import { useWords } from '../../ui/words.ts';
import classes from './page.campaign.module.css';

/** How many items are decided, as a bar with its figures in words: never by length alone. */
export function Progress({ items, undecided }: { items: number; undecided: number }) {
  const t = useWords('clauses/access');
  const decided = items - undecided;
  return (
    <span className={classes.progress}>
      <progress max={Math.max(items, 1)} value={decided} aria-label={t('campaign.progress')} />
      <span>{undecided === 0 ? t('progress.all') : t('progress.some', { decided, items })}</span>
    </span>
  );
}
