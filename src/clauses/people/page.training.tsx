import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;
export type Occurrence = Awaited<ReturnType<Api['listMyTraining']>>['items'][number];

/** My training: what is to be learnt, by when, and what was. */
export default function MyTrainingPage() {
  const t = useWords('clauses/people');
  const training = useRead(useApi<typeof routes>().listMyTraining, {});
  if (training.error)
    return <ProblemNotice problem={training.error} retry={() => training.refetch()} />;
  if (!training.data) return <Page>{null}</Page>;
  const open = training.data.items.filter(({ completedOn }) => !completedOn);
  const done = training.data.items.filter(({ completedOn }) => completedOn);
  const late = open.filter(({ overdue }) => overdue).length;
  return (
    <Page>
      <PageHeader
        title={t('training.title')}
        sentence={
          late > 0
            ? t('training.late', { count: late })
            : open.length > 0
              ? t('training.sentence', { count: open.length })
              : t('training.nothing')
        }
      />
      {open.length + done.length === 0 && (
        <EmptyState title={t('training.none')}>{t('training.noneWhat')}</EmptyState>
      )}
      {open.length > 0 && (
        <Section title={t('training.open')}>
          <ul className={classes.lines}>
            {open.map((each) => (
              <OpenLine key={each.id} occurrence={each} />
            ))}
          </ul>
        </Section>
      )}
      {done.length > 0 && (
        <Section title={t('training.done')}>
          <ul className={classes.lines}>
            {done.map((each) => (
              <DoneLine key={each.id} occurrence={each} />
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}

function OpenLine({ occurrence }: { occurrence: Occurrence }) {
  const t = useWords('clauses/people');
  const language = useLanguage();
  return (
    <li>
      <div className={classes.line}>
        <Link to={`/console/training/${occurrence.course}`}>{occurrence.titles[language]}</Link>
        <div className="kept-soft">{t(`because.${occurrence.because}`)}</div>
      </div>
      <StatusMark status={occurrence.overdue ? 'broken' : 'due'}>
        {t(occurrence.overdue ? 'training.overdue' : 'training.dueOn')}{' '}
        <RelativeTime at={occurrence.dueOn} />
      </StatusMark>
    </li>
  );
}

function DoneLine({ occurrence }: { occurrence: Occurrence }) {
  const t = useWords('clauses/people');
  const language = useLanguage();
  const { completedOn, certificate, score, asked } = occurrence;
  return (
    <li>
      <div className={classes.line}>
        <Link to={`/console/training/${occurrence.course}`}>{occurrence.titles[language]}</Link>
        <div className="kept-soft">
          {t(`because.${occurrence.because}`)} · {t('training.completed')}{' '}
          <RelativeTime at={completedOn ?? ''} /> ·{' '}
          {t('training.scored', { score: score ?? 0, asked: asked ?? 0 })}
        </div>
      </div>
      {certificate && <CertificateLink code={certificate} />}
    </li>
  );
}

/** The certificate as PDF, in the reader's language. */
export function CertificateLink({ code }: { code: string }) {
  const t = useWords('clauses/people');
  const language = useLanguage();
  return (
    <a href={`/api/v1/certificates/${code}?lang=${language}`} download={`certificate-${code}.pdf`}>
      {t('training.certificate', { code })}
    </a>
  );
}
