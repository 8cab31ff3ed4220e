import { Button, Group, Select } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { ViewingRoutes } from './facts.viewing.ts';
import classes from './page.case.module.css';
import type { CaseDetail } from './page.facts.tsx';
import { type Showing, Shown } from './page.reading.tsx';
import type { routes } from './routes.ts';

type What = 'object' | 'record';

/** What is in the scope of one's own open case, and one object or record of it at a time. */
export default function Contents({ found }: { found: CaseDetail }) {
  const t = useWords('clauses/customer-data');
  const [place, setPlace] = useState(`object/${found.scope[0]?.collection ?? ''}`);
  const [showing, setShowing] = useState<Showing | null>(null);
  const [what, collection = ''] = place.split('/') as [What, string];
  const choices = found.scope.flatMap(({ collection: name }) => [
    { value: `object/${name}`, label: t('objectsOf', { collection: name }) },
    { value: `record/${name}`, label: t('recordsOf', { collection: name }) },
  ]);
  return (
    <Section title={t('contents')}>
      <p>{t(found.copy ? 'contentsCopy' : 'contentsWill')}</p>
      <Select
        label={t('collection')}
        allowDeselect={false}
        data={choices}
        value={place}
        onChange={(value) => value && setPlace(value)}
        maw="24rem"
      />
      <ContentsTable
        key={place}
        found={found}
        what={what}
        collection={collection}
        show={setShowing}
      />
      {showing && (
        <Shown
          key={showing.itemId}
          found={found}
          showing={showing}
          close={() => setShowing(null)}
        />
      )}
    </Section>
  );
}

type TableProps = {
  found: CaseDetail;
  what: What;
  collection: string;
  show: (showing: Showing) => void;
};

function ContentsTable({ found, what, collection, show }: TableProps) {
  const t = useWords('clauses/customer-data');
  const api = useApi<ViewingRoutes & typeof routes>();
  const [after, setAfter] = useState<string | undefined>();
  const page = { id: found.id, what, collection, ...(after ? { after } : {}) };
  const read = useRead(api.listCaseContents, page);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const open = useCommand(api.listNamesUnderCase, {
    // A list of names is a read: it shows below at once.
    invalidates: [api.listCaseReads, api.getCase],
    onDone: ({ names: more }) =>
      setNames(new Map([...names, ...more.map(({ id, name }) => [id, name] as const)])),
  });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const items = read.data?.items ?? [];
  if (read.data && items.length === 0) return <EmptyState title={t('contentsNone')} />;
  const itemIds = items.map(({ id }) => id);
  return (
    <>
      <Items
        items={items}
        names={names}
        read={(id, size) => show({ what, itemId: id, name: names.get(id) ?? null, size })}
      />
      <Group mt="sm" gap="xs">
        <Button
          variant="default"
          loading={open.running}
          onClick={() => void open.run({ id: found.id, what, collection, itemIds })}
        >
          {t('openNames', { count: items.length })}
        </Button>
        {read.data?.more && (
          <Button variant="default" onClick={() => setAfter(itemIds.at(-1))}>
            {t('nextPage')}
          </Button>
        )}
      </Group>
      {open.problem && <ProblemNotice problem={open.problem} />}
    </>
  );
}

type Item = { readonly id: string; readonly size: number | null; readonly changedAt: string };
type ItemsProps = {
  items: readonly Item[];
  names: ReadonlyMap<string, string>;
  read: (id: string, size: number | null) => void;
};

function Items({ items, names, read }: ItemsProps) {
  const t = useWords('clauses/customer-data');
  const language = useLanguage();
  return (
    <div className={classes.scroll}>
      <table className={classes.contents}>
        <thead>
          <tr>
            <th scope="col">{t('name')}</th>
            <th scope="col">{t('changedAt')}</th>
            <th scope="col" className={classes.number}>
              {t('size')}
            </th>
            <th scope="col">{t('readAct')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ id, size, changedAt }) => (
            <tr key={id}>
              <td>{names.get(id) ?? <code>{id.slice(-12)}</code>}</td>
              <td>
                <RelativeTime at={changedAt} />
              </td>
              <td className={classes.number}>
                {size === null ? '–' : t('bytes', { size: formatNumber(size, language) })}
              </td>
              <td>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={t('readOne', { name: names.get(id) ?? id.slice(-12) })}
                  onClick={() => read(id, size)}
                >
                  {t('read')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
