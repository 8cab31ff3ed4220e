import { DropMenu } from '../../ui/DropMenu.tsx';
import { Link } from '../../ui/Link.tsx';
import { useWords } from '../../ui/words.ts';
import type { BacklogItem } from './facts.shown.ts';
import classes from './page.board.module.css';
import { ClassMark, Due, versionText } from './page.marks.tsx';
import { type ColumnId, useMoves } from './page.moves.ts';

interface CardProps {
  readonly item: BacklogItem;
  readonly column: ColumnId;
  readonly move: (to: ColumnId) => void;
}

/** An item on the board: what, where, how bad, until when, whose. */
export function Card({ item, column, move }: CardProps) {
  const t = useWords('clauses/vulnerabilities');
  const moves = useMoves().movesOf(item, column);
  const name = `${item.vulnerability.name} · ${item.component}`;
  return (
    <article className={classes.card} aria-label={name}>
      <div className={classes.cardHead}>
        <Link to={`/console/backlog/V-${item.number}`}>{item.vulnerability.name}</Link>
        {moves.length > 0 && (
          <DropMenu
            shows="more"
            label={t('moveOf', { name })}
            variant="subtle"
            size="sm"
            entries={moves.map((to) => ({
              label: t('moveTo', { column: t(`columns.${to}`) }),
              run: () => move(to),
            }))}
          />
        )}
      </div>
      <p>
        {item.component} <span className="kept-soft">{versionText(item)}</span>
      </p>
      <p className="kept-soft">
        {item.system.name} · {item.assignee?.name ?? t('assignees.none')}
      </p>
      <p className={classes.cardFoot}>
        <ClassMark of={item.class} score={item.score} />
        <Due item={item} />
      </p>
    </article>
  );
}
