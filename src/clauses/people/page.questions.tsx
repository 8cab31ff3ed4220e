import { Alert, Button, Checkbox, Radio, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAddress } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import { CertificateLink } from './page.training.tsx';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;
type Attempt = Awaited<ReturnType<Api['readAttempt']>>;
type Question = Attempt['questions'][number];
type Answers = Readonly<Record<string, readonly number[]>>;

/** A test: its questions, or once handed in, how it went. Which options are right stays on the server. */
export function Test({ id }: { id: string }) {
  const read = useRead(useApi<typeof routes>().readAttempt, { id });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  if (!read.data) return null;
  return read.data.result ? <Result attempt={read.data} /> : <Questions attempt={read.data} />;
}

function Questions({ attempt }: { attempt: Attempt }) {
  const t = useWords('clauses/people');
  const [answers, setAnswers] = useState<Answers>({});
  const submit = useCommand(useApi<typeof routes>().submitAttempt);
  const left = attempt.questions.filter(({ id }) => (answers[id] ?? []).length === 0).length;
  const send = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.fromEntries(Object.entries(answers).map(([id, at]) => [id, [...at]]));
    void submit.run({ id: attempt.id, answers: given });
  };
  return (
    <form className={classes.test} onSubmit={send}>
      {attempt.questions.map((question, n) => (
        <QuestionField
          key={question.id}
          number={n + 1}
          question={question}
          chosen={answers[question.id] ?? []}
          choose={(at) => setAnswers((before) => ({ ...before, [question.id]: at }))}
        />
      ))}
      {submit.problem && <ProblemNotice problem={submit.problem} />}
      <p className="kept-will" role="status">
        {left > 0 ? t('test.left', { count: left }) : t('test.ready')}
      </p>
      <Button type="submit" mt="sm" loading={submit.running} disabled={left > 0}>
        {t('test.handIn')}
      </Button>
    </form>
  );
}

interface FieldProps {
  readonly number: number;
  readonly question: Question;
  readonly chosen: readonly number[];
  readonly choose: (at: readonly number[]) => void;
}

function QuestionField({ number, question, chosen, choose }: FieldProps) {
  const t = useWords('clauses/people');
  const change = (at: number, on: boolean) =>
    choose(on ? [...chosen, at] : chosen.filter((each) => each !== at));
  return (
    <fieldset className={classes.question}>
      <legend>
        {number}. {question.text}
      </legend>
      {question.several ? <p className="kept-soft">{t('test.several')}</p> : null}
      <Stack gap="xs">
        {question.options.map((option) =>
          question.several ? (
            <Checkbox
              key={option.at}
              label={option.text}
              checked={chosen.includes(option.at)}
              onChange={(event) => change(option.at, event.currentTarget.checked)}
            />
          ) : (
            <Radio
              key={option.at}
              name={question.id}
              label={option.text}
              checked={chosen[0] === option.at}
              onChange={() => choose([option.at])}
            />
          ),
        )}
      </Stack>
    </fieldset>
  );
}

function Result({ attempt }: { attempt: Attempt }) {
  const t = useWords('clauses/people');
  const { set } = useAddress();
  const { result, passPercent, course } = attempt;
  if (!result) return null;
  const { score, asked, passed, lessons } = result;
  return (
    <div className={classes.test}>
      <Alert
        color={passed ? 'green' : 'yellow'}
        title={t(passed ? 'test.passed' : 'test.failed')}
        role="status"
      >
        <p>{t('test.score', { score, asked, percent: passPercent })}</p>
        {attempt.certificate && <CertificateLink code={attempt.certificate} />}
      </Alert>
      {!passed && (
        <>
          <p>{t('test.again')}</p>
          <ul>
            {lessons.map((at) => (
              <li key={at}>
                <Link to={`/console/training/${course}?lesson=${at}`}>
                  {attempt.lessons[at - 1] ?? ''}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      {attempt.explanations.map(({ id, right, why }, n) => (
        <section key={id} className={classes.question}>
          <h3>
            {n + 1}. {attempt.questions.find((question) => question.id === id)?.text}
          </h3>
          <p>
            <strong>{right.join(' / ')}</strong>
          </p>
          <p className="kept-soft">{why}</p>
        </section>
      ))}
      <Button
        mt="md"
        onClick={() => set({ attempt: undefined, lesson: undefined }, { push: true })}
      >
        {t('test.back')}
      </Button>
    </div>
  );
}
