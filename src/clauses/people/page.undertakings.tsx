import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import { ShippedNotice } from './page.shipped.tsx';
import type { routes } from './routes.ts';

const PublishForm = lazy(() => import('./page.publishing.tsx'));

type Api = ReturnType<typeof useApi<typeof routes>>;
type Mine = Awaited<ReturnType<Api['listUndertakings']>>['items'][number];

/** What the caller undertook and still has to; for the people team also a way to publish more. */
export default function UndertakingsPage() {
  const t = useWords('clauses/people');
  const documents = useRead(useApi<typeof routes>().listUndertakings, {});
  const mayPublish = useMay('publishUndertaking');
  const maySee = useMay('readSignatures');
  const [writing, setWriting] = useState(false);
  const close = () => setWriting(false);
  if (documents.error)
    return <ProblemNotice problem={documents.error} retry={() => documents.refetch()} />;
  const items = documents.data?.items ?? [];
  const owed = items.filter(({ dueOn }) => dueOn).length;
  return (
    <Page>
      <PageHeader
        title={t('undertakings.title')}
        sentence={owed > 0 ? t('undertakings.owed', { count: owed }) : t('undertakings.sentence')}
        {...(mayPublish
          ? { primary: { label: t('undertakings.add'), run: () => setWriting(true) } }
          : {})}
      />
      <ShippedNotice />
      {documents.data && items.length === 0 && (
        <EmptyState title={t('undertakings.none')}>{t('undertakings.noneWhat')}</EmptyState>
      )}
      {(['undertaking', 'guidance'] as const).map((kind) => (
        <Documents key={kind} kind={kind} items={items.filter((each) => each.kind === kind)} />
      ))}
      {maySee && items.length > 0 && (
        <p className={classes.act}>
          <Link to="/console/undertakings/signatures">{t('undertakings.all')}</Link>
        </p>
      )}
      <Sheet opened={writing} onClose={close} label={t('undertakings.add')}>
        <SheetHeader title={t('undertakings.add')} />
        <Suspense>
          <PublishForm done={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function Documents({ kind, items }: { kind: Mine['kind']; items: readonly Mine[] }) {
  const t = useWords('clauses/people');
  const language = useLanguage();
  if (items.length === 0) return null;
  return (
    <Section title={t(`kind.${kind}`)}>
      <ul className={classes.lines}>
        {items.map((each) => (
          <li key={each.document}>
            <div className={classes.line}>
              <Link to={`/console/undertakings/${each.document}`}>{each.titles[language]}</Link>
              <div className="kept-soft">
                {t('undertakings.number', { number: String(each.number) })} ·{' '}
                {t('undertakings.published')} <RelativeTime at={each.publishedAt} />
              </div>
            </div>
            <Standing document={each} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Where the caller stands with a document. */
export function Standing({ document }: { document: Pick<Mine, 'dueOn' | 'signedAt' | 'kind'> }) {
  const t = useWords('clauses/people');
  if (document.dueOn)
    return (
      <StatusMark status="due">
        {t('training.dueOn')} <RelativeTime at={document.dueOn} />
      </StatusMark>
    );
  if (!document.signedAt) return null;
  return (
    <StatusMark status="kept">
      {t(`done.${document.kind}`)} <RelativeTime at={document.signedAt} />
    </StatusMark>
  );
}
