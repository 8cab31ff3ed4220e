import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { BacklogItem } from './facts.shown.ts';
import type { ItemClass } from './facts.terms.ts';
import classes from './page.marks.module.css';

/** Bars that are filled, of four. */
const bars: Readonly<Record<ItemClass, number>> = {
  critical: 4,
  high: 3,
  medium: 2,
  low: 1,
  none: 0,
  unrated: 0,
};

/** The class of an item: a word, with bars that show its height, and the score where there is one. */
export function ClassMark({
  of,
  score = null,
}: {
  readonly of: ItemClass;
  readonly score?: number | null;
}) {
  const t = useWords('clauses/vulnerabilities');
  return (
    <span className={classes.class} data-class={of}>
      <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden="true" focusable="false">
        {[0, 1, 2, 3].map((step) => (
          <rect
            key={step}
            x={step * 3.5}
            y={8 - step * 2.5}
            width="2.5"
            height={4 + step * 2.5}
            rx="0.5"
            className={step < bars[of] ? classes.filled : classes.hollow}
          />
        ))}
      </svg>
      <span>
        {t(`classes.${of}`)}
        {score !== null && <span className="kept-soft"> {score.toFixed(1)}</span>}
      </span>
    </span>
  );
}

/** When an item is due; that it is past is said, and not by colour alone. */
export function Due({ item }: { item: Pick<BacklogItem, 'dueAt' | 'overdue' | 'closedAt'> }) {
  const t = useWords('clauses/vulnerabilities');
  if (item.closedAt) {
    return (
      <span className="kept-soft">
        {t('closed')} <RelativeTime at={item.closedAt} />
      </span>
    );
  }
  if (!item.overdue) return <RelativeTime at={item.dueAt} />;
  return (
    <span className={classes.overdue}>
      {t('overdueWord')} · <RelativeTime at={item.dueAt} />
    </span>
  );
}

/** Where an item stands, with what was asked for beside it. */
export function stateText(item: Pick<BacklogItem, 'state' | 'decision'>, t: Words): string {
  const state = t(`states.${item.state}`);
  if (item.decision?.state !== 'asked') return state;
  return t('stateAsked', { state, kind: t(`kinds.${item.decision.kind}`) });
}

/** `lodash 4.17.20 → 4.17.21`: what is in use, and the version that clears it. */
export function versionText(item: Pick<BacklogItem, 'versions' | 'fixVersion'>): string {
  const [first, ...more] = item.versions;
  const used = first === undefined ? '' : more.length > 0 ? `${first} +${more.length}` : first;
  return item.fixVersion ? `${used} → ${item.fixVersion}`.trim() : used;
}

/** Who sees it: our own matching, or a tool by its name. */
export function reporterText(reporter: string, t: Words): string {
  return reporter === 'match' ? t('ownMatch') : reporter;
}
