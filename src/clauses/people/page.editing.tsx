import { Alert, Button, SegmentedControl } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { MarkdownEditor } from '../../ui/MarkdownEditor.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import type { routes } from './routes.ts';

const ReleaseForm = lazy(() => import('./page.release.tsx'));

type Api = ReturnType<typeof useApi<typeof routes>>;
export type WrittenCourse = Awaited<ReturnType<Api['readCourse']>>;
type Language = 'en' | 'ja';

const previewAfterMs = 500;

/** A course being written: Markdown in both languages with its preview, versions, publication. */
export default function EditCoursePage() {
  const t = useWords('clauses/people');
  const course = useParam('course');
  const read = useRead(useApi<typeof routes>().readCourse, { course });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  if (!read.data) return <Page>{null}</Page>;
  return (
    <Page>
      <Editor key={read.data.revision} course={read.data} />
      <Section title={t('editing.versions')}>
        {read.data.versions.length === 0 && <p className="kept-soft">{t('courses.unpublished')}</p>}
        <Facts
          facts={read.data.versions.map((version) => ({
            label: t('course.version', { number: version.number }),
            value: (
              <>
                <RelativeTime at={version.publishedAt} /> ·{' '}
                {t('courses.size', { lessons: version.lessons, questions: version.questions })}
              </>
            ),
          }))}
        />
      </Section>
    </Page>
  );
}

function Editor({ course }: { course: WrittenCourse }) {
  const t = useWords('clauses/people');
  const api = useApi<typeof routes>();
  const may = useMay('editCourses');
  const [texts, setTexts] = useState(course.texts);
  const [language, setLanguage] = useState<Language>('en');
  const [releasing, setReleasing] = useState(false);
  const save = useCommand(api.saveCourse, { done: t('editing.saved') });
  const changed = texts.en !== course.texts.en || texts.ja !== course.texts.ja;
  const run = () => save.run({ course: course.course, texts, revision: course.revision });
  const close = () => setReleasing(false);
  const saveAction = {
    label: t('editing.save'),
    run: () => void run(),
    running: save.running,
    disabled: !changed,
  };
  return (
    <>
      <PageHeader
        above={<Link to="/console/courses">{t('courses.title')}</Link>}
        title={course.course}
        sentence={t(changed ? 'editing.unsaved' : 'editing.format')}
        {...(may ? { primary: saveAction } : {})}
        others={
          may
            ? [{ label: t('release.title'), run: () => setReleasing(true), disabled: changed }]
            : []
        }
      />
      {save.problem && <ProblemNotice problem={save.problem} />}
      <SegmentedControl
        mb="md"
        value={language}
        onChange={(value) => setLanguage(value as Language)}
        data={(['en', 'ja'] as const).map((value) => ({
          value,
          label: t(`editing.language.${value}`),
        }))}
      />
      <OneText
        key={language}
        language={language}
        text={texts[language]}
        write={(text) => setTexts((before) => ({ ...before, [language]: text }))}
      />
      <Problems course={course} />
      {may && (
        <p className={classes.act}>
          <Button variant="default" disabled={changed} onClick={() => setReleasing(true)}>
            {t('release.title')}
          </Button>
        </p>
      )}
      <Sheet opened={releasing} onClose={close} label={t('release.title')}>
        <SheetHeader title={t('release.title')} sentence={course.course} />
        <Suspense>
          <ReleaseForm course={course} done={close} />
        </Suspense>
      </Sheet>
    </>
  );
}

interface TextProps {
  readonly language: Language;
  readonly text: string;
  readonly write: (text: string) => void;
}

function OneText({ language, text, write }: TextProps) {
  const t = useWords('clauses/people');
  const may = useMay('editCourses');
  const [shown] = useDebouncedValue(text, previewAfterMs);
  const preview = useRead(
    useApi<typeof routes>().previewCourse,
    { markdown: shown, language },
    { skip: !may },
  );
  const { problems = [], lessons = 0, questions = 0 } = preview.data ?? {};
  return (
    <div lang={language}>
      <MarkdownEditor
        label={t('editing.text', { language: t(`editing.language.${language}`) })}
        value={text}
        onChange={write}
        html={preview.data?.html}
      />
      <p className="kept-soft" role="status">
        {t('courses.size', { lessons, questions })}
      </p>
      {problems.length > 0 && (
        <Alert color="yellow" title={t('editing.problems')}>
          <ul>
            {problems.map(({ code, line }) => (
              <li key={`${code} ${line}`}>
                {t('editing.line', { line: String(line) })}: {t(`problem.${code}`)}
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </div>
  );
}

/** What keeps the saved texts from being published, where it lies between the languages. */
function Problems({ course }: { course: WrittenCourse }) {
  const t = useWords('clauses/people');
  const differs = course.problems.some(({ code }) => code === 'languagesDiffer');
  return differs ? <Alert color="yellow">{t('problem.languagesDiffer')}</Alert> : null;
}
