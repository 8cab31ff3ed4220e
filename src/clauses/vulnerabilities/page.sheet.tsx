import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import { useItemActs } from './page.acts.tsx';
import { useBacklogApi } from './page.api.ts';
import { factsOfItem, useItemWords } from './page.facts.tsx';

/** An item over the list: what matters for deciding what to do, and the one thing to do next. */
export function ItemSheet({ id }: { id: string }) {
  const t = useWords('clauses/vulnerabilities');
  const words = useItemWords();
  const read = useRead(useBacklogApi().showBacklogItem, { id });
  const { primary, others, dialogs } = useItemActs(read.data);
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const item = read.data;
  if (!item) return null;
  return (
    <>
      <SheetHeader
        title={`${item.vulnerability.name} · ${item.component}`}
        sentence={item.vulnerability.summary}
        primary={primary}
        others={others}
      />
      <p>
        <Link to={`/console/backlog/V-${item.number}`}>{t('openPage')}</Link>
      </p>
      <Facts facts={factsOfItem(item, words)} />
      {dialogs}
    </>
  );
}
