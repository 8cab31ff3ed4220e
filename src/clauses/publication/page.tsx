import { Skeleton } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type MouseEvent, useEffect, useRef } from 'react';
import PromiseEvidence from '../../registers/evidence/page.promise.tsx';
import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatDate } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { type Action, Actions } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useTitle } from '../../ui/useTitle.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import { PolicyText } from './page.document.tsx';
import { YearFigure } from './page.year.tsx';
import classes from './policy-home.module.css';
import type { routes } from './routes.ts';

type MyPolicy = Awaited<ReturnType<ReturnType<typeof useApi<typeof routes>>['readMyPolicy']>>;

/** The home page of the console: the policy itself. A click on a promise opens what stands behind it. */
export default function PolicyPage() {
  const t = useWords('clauses/publication');
  useTitle(t('policy.title'));
  const policy = useRead(useApi<typeof routes>().readMyPolicy, {}, { everySeconds: 60 });
  const [promise, openPromise] = useAddressValue('promise');
  if (policy.error) return <ProblemNotice problem={policy.error} retry={() => policy.refetch()} />;
  if (!policy.data) return <Skeleton height={480} m="xl" />;
  const { version, promises } = policy.data;
  const chosen = promises.find((each) => each.id === promise);
  return (
    <Page>
      {version ? (
        <div className={classes.home} data-open={promise !== undefined}>
          <Masthead policy={policy.data} />
          <Contents policy={policy.data} />
          <Text
            policy={policy.data}
            promise={promise}
            open={(id) => openPromise(id, { push: true })}
          />
        </div>
      ) : (
        <Nothing />
      )}
      <Sheet
        opened={promise !== undefined}
        onClose={() => openPromise(undefined)}
        label={promise ?? ''}
      >
        <SheetHeader title={promise ?? ''} sentence={chosen?.text ?? t('policy.notInText')} />
        {promise && <PromiseEvidence id={promise} />}
      </Sheet>
    </Page>
  );
}

function Nothing() {
  const t = useWords('clauses/publication');
  const mayEdit = useMay('editPolicy');
  return (
    <EmptyState
      title={t('policy.none')}
      action={mayEdit && <Link to="/console/policy/edit">{t('policy.begin')}</Link>}
    >
      {t('policy.noneWhat')}
    </EmptyState>
  );
}

function Masthead({ policy }: { policy: MyPolicy }) {
  const t = useWords('clauses/publication');
  const language = useLanguage();
  const { zone } = useReader();
  const { version } = policy;
  if (!version) return null;
  const date = formatDate(version.effectiveOn, { language, zone }, 'long');
  return (
    <header className={classes.masthead}>
      <div className={classes.heading}>
        <h1>{t('policy.title')}</h1>
        <HomeActions />
      </div>
      <p className="kept-soft">{t('policy.dateline', { number: String(version.number), date })}</p>
      <Owed policy={policy} />
      <Verdict policy={policy} />
      <YearFigure year={policy.year} />
    </header>
  );
}

function HomeActions() {
  const t = useWords('clauses/publication');
  const [mayEdit, maySee] = [useMay('editPolicy'), useMay('readAcknowledgements')];
  const maySet = useMay('changePublicationSettings');
  const navigate = useNavigate();
  const go = (to: string) => () => void navigate({ to });
  const others: Action[] = [
    { label: t('versions.title'), run: go('/console/policy/versions') },
    ...(maySee
      ? [{ label: t('acknowledgements.title'), run: go('/console/policy/acknowledgements') }]
      : []),
    ...(maySet ? [{ label: t('settings.title'), run: go('/console/policy/settings') }] : []),
    { label: t('policy.public'), run: () => window.location.assign('/') },
  ];
  return (
    <Actions
      primary={mayEdit ? { label: t('policy.edit'), run: go('/console/policy/edit') } : undefined}
      others={others}
    />
  );
}

/** What the reader owes the version in force: an acknowledgement, by a day. */
function Owed({ policy }: { policy: MyPolicy }) {
  const t = useWords('clauses/publication');
  if (!policy.dueAt || policy.acknowledgedAt) return null;
  return (
    <p className={classes.owed}>
      {t('policy.owed')} <RelativeTime at={policy.dueAt} />{' '}
      <Link to="/console/policy/acknowledge">{t('policy.acknowledge')}</Link>
    </p>
  );
}

/** "61 of 71 promises kept, 2 broken, 8 unknown": what is due is kept. */
function Verdict({ policy: { counts, promises } }: { policy: MyPolicy }) {
  const t = useWords('clauses/publication');
  const kept = counts.kept + counts.due;
  const all = { total: promises.length, kept };
  const parts = [
    kept === promises.length ? t('policy.verdict.all', all) : t('policy.verdict.some', all),
  ];
  if (counts.broken > 0) parts.push(t('policy.verdict.broken', { count: counts.broken }));
  if (counts.unknown > 0) parts.push(t('policy.verdict.unknown', { count: counts.unknown }));
  const whole = t('policy.verdict.whole', { parts: parts.join(t('policy.verdict.and')) });
  return <p className={classes.verdict}>{whole}</p>;
}

function Contents({ policy }: { policy: MyPolicy }) {
  const t = useWords('clauses/publication');
  const broken = new Set(
    policy.promises.filter((each) => each.status === 'broken').map((each) => each.clause),
  );
  return (
    <nav className={classes.contents} aria-label={t('policy.contents')}>
      <ol>
        {policy.clauses.map((clause) => (
          <li key={clause.id}>
            <a href={`#${clause.id}`}>
              {clause.title}
              {broken.has(clause.id) && (
                <svg className={classes.flag} role="img" aria-label={t('year.broken')}>
                  <use href="#mark-broken" />
                </svg>
              )}
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

type TextProps = { policy: MyPolicy; promise: string | undefined; open: (id: string) => void };

/**
 * The document as the server set it. Marks are links, so that the keyboard and "open in a new tab"
 * work; a plain click on a promise or its mark opens the sheet without leaving the text.
 */
function Text({ policy, promise, open }: TextProps) {
  const text = useRef<HTMLDivElement>(null);
  useChosen(text, promise, policy);
  const click = (event: MouseEvent<HTMLElement>) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey
    )
      return;
    const target = event.target as HTMLElement;
    const link = target.closest('a');
    if (link && !link.classList.contains('mark')) return;
    const id = link
      ? idIn(link.getAttribute('href'))
      : target.closest<HTMLElement>('.promise')?.dataset['promise'];
    if (!id || !window.getSelection()?.isCollapsed) return;
    event.preventDefault();
    open(id);
  };
  return (
    <PolicyText ref={text} clauses={policy.clauses} language={policy.language} onClick={click} />
  );
}

function idIn(href: string | null): string | undefined {
  return href?.split('promise=')[1];
}

/** Marks the promise whose sheet is open, and brings it into view where a link led straight to it. */
function useChosen(
  text: { readonly current: HTMLElement | null },
  promise: string | undefined,
  policy: MyPolicy,
) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text has new elements
  useEffect(() => {
    const chosen = promise ? document.getElementById(promise) : null;
    if (!chosen || !text.current?.contains(chosen)) return;
    chosen.classList.add('chosen');
    const { top, bottom } = chosen.getBoundingClientRect();
    if (bottom < 0 || top > window.innerHeight) chosen.scrollIntoView({ block: 'center' });
    return () => chosen.classList.remove('chosen');
  }, [promise, policy]);
}
