import { Alert, Button } from '@mantine/core';
import { useAddress, useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import { Test } from './page.questions.tsx';
import { CertificateLink } from './page.training.tsx';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;
type Course = Awaited<ReturnType<Api['readMyCourse']>>;

/** A course as a trainee takes it: lessons one by one, then the test. */
export default function CoursePage() {
  const t = useWords('clauses/people');
  const course = useParam('course');
  const [attempt] = useAddressValue('attempt');
  const read = useRead(useApi<typeof routes>().readMyCourse, { course });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  if (!read.data) return <Page>{null}</Page>;
  const { open, done, title, number } = read.data;
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/training">{t('training.title')}</Link>}
        title={title}
        sentence={
          open ? (
            <>
              {t(`because.${open.because}`)} ·{' '}
              {t(open.overdue ? 'training.overdue' : 'training.dueOn')}{' '}
              <RelativeTime at={open.dueOn} />
            </>
          ) : done?.completedOn ? (
            <>
              {t('training.completed')} <RelativeTime at={done.completedOn} />
            </>
          ) : (
            t('course.version', { number })
          )
        }
      />
      {attempt ? <Test id={attempt} /> : <Reader course={read.data} />}
    </Page>
  );
}

function Reader({ course }: { course: Course }) {
  const t = useWords('clauses/people');
  const { search, set } = useAddress();
  const last = course.lessons.length + 1;
  const asked = Number(search['lesson'] ?? '1');
  const at = Number.isInteger(asked) && asked >= 1 && asked <= last ? asked : 1;
  const go = (lesson: number) => {
    set({ lesson: String(lesson) }, { push: true });
    globalThis.scrollTo({ top: 0 });
  };
  const lesson = course.lessons[at - 1];
  return (
    <div className={classes.reader}>
      <nav aria-label={t('course.contents')}>
        <ol className={classes.contents}>
          {course.lessons.map((each, index) => (
            <li key={each.title}>
              <Link
                to={`/console/training/${course.course}?lesson=${index + 1}`}
                {...(at === index + 1 ? { 'aria-current': 'page' as const } : {})}
              >
                {index + 1}. {each.title}
              </Link>
            </li>
          ))}
          <li>
            <Link
              to={`/console/training/${course.course}?lesson=${last}`}
              {...(at === last ? { 'aria-current': 'page' as const } : {})}
            >
              {t('test.title')}
            </Link>
          </li>
        </ol>
      </nav>
      <div lang={course.language}>
        {lesson ? (
          <LessonText course={course} at={at} title={lesson.title} html={lesson.html} />
        ) : (
          <BeginTest course={course} />
        )}
        <p className={classes.act}>
          {at > 1 && (
            <Button variant="default" mr="sm" onClick={() => go(at - 1)}>
              {t('course.back')}
            </Button>
          )}
          {at < last && (
            <Button onClick={() => go(at + 1)}>
              {t(at === last - 1 ? 'course.toTest' : 'course.next')}
            </Button>
          )}
        </p>
      </div>
    </div>
  );
}

interface LessonProps {
  readonly course: Course;
  readonly at: number;
  readonly title: string;
  readonly html: string;
}

function LessonText({ course, at, title, html }: LessonProps) {
  return (
    <article className={`${classes.text} kept-document`}>
      {at === 1 && course.intro && (
        // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised by the server, and the CSP runs no script of it
        <div dangerouslySetInnerHTML={{ __html: course.intro }} />
      )}
      <h2>{title}</h2>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised by the server, and the CSP runs no script of it */}
      <div dangerouslySetInnerHTML={{ __html: html }} />
    </article>
  );
}

/** What the test is like, and its beginning. */
function BeginTest({ course }: { course: Course }) {
  const t = useWords('clauses/people');
  const { set } = useAddress();
  const start = useCommand(useApi<typeof routes>().startAttempt);
  const { open, done, draw, passPercent, attempts, pauseHours, attemptsMade } = course;
  const begin = async () => {
    const begun = await start.run({ course: course.course });
    if (begun) set({ attempt: begun.attempt }, { push: true });
  };
  return (
    <section className={classes.text}>
      <h2>{t('test.title')}</h2>
      <p>{t('test.what', { draw, percent: passPercent })}</p>
      <p>{t('test.attempts', { attempts, hours: pauseHours })}</p>
      {open ? (
        <>
          {attemptsMade > 0 && <p>{t('test.made', { count: attemptsMade })}</p>}
          {start.problem && <ProblemNotice problem={start.problem} />}
          <Button mt="md" loading={start.running} onClick={() => void begin()}>
            {t(course.attempt ? 'test.goOn' : 'test.begin')}
          </Button>
        </>
      ) : (
        <Alert color="green" title={t('test.notOwed')}>
          {done?.certificate && <CertificateLink code={done.certificate} />}
        </Alert>
      )}
    </section>
  );
}
