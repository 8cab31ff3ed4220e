import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import { ShippedNotice } from './page.shipped.tsx';
import type { routes } from './routes.ts';

const TemplateForm = lazy(() => import('./page.template.tsx'));

type Api = ReturnType<typeof useApi<typeof routes>>;
export type Template = Awaited<ReturnType<Api['listChecklistTemplates']>>['items'][number];

/** What is opened when somebody joins, moves or leaves. */
export default function TemplatesPage() {
  const t = useWords('clauses/people');
  const web = useWords('web');
  const language = useLanguage();
  const read = useRead(useApi<typeof routes>().listChecklistTemplates, {});
  const may = useMay('editChecklists');
  const [editing, setEditing] = useState<Template | 'new' | null>(null);
  const close = () => setEditing(null);
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  const items = read.data?.items ?? [];
  const title = editing === 'new' ? t('templates.add') : (editing?.titles[language] ?? '');
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/checklists">{t('checklists.title')}</Link>}
        title={t('templates.title')}
        sentence={t('templates.sentence')}
        {...(may ? { primary: { label: t('templates.add'), run: () => setEditing('new') } } : {})}
      />
      <ShippedNotice />
      {read.data && items.length === 0 && (
        <EmptyState title={t('templates.none')}>{t('templates.noneWhat')}</EmptyState>
      )}
      <ul className={classes.lines}>
        {items.map((each) => (
          <li key={each.id}>
            <div className={classes.line}>
              {may ? (
                <Button variant="subtle" size="compact-sm" px={0} onClick={() => setEditing(each)}>
                  {each.titles[language]}
                </Button>
              ) : (
                each.titles[language]
              )}
              <div className="kept-soft">
                {t(`occasion.${each.kind}`)} ·{' '}
                {each.role ? web(`role.${each.role}`) : t('templates.everyone')}
              </div>
            </div>
            <span>{t('templates.items', { count: each.items.length })}</span>
          </li>
        ))}
      </ul>
      <Sheet opened={editing !== null} onClose={close} label={title}>
        <SheetHeader title={title} />
        <Suspense>
          {editing && (
            <TemplateForm
              key={editing === 'new' ? 'new' : editing.id}
              {...(editing === 'new' ? {} : { template: editing })}
              done={close}
            />
          )}
        </Suspense>
      </Sheet>
    </Page>
  );
}
