import { dateIn, instantText, isBefore } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  type Attempt,
  certificateCode,
  drawQuestions,
  mark,
  type TrainingCommand,
  type TrainingEvent,
  type TrainingRefusal,
  type TrainingState,
} from './facts.training.ts';

type Decision = Result<readonly TrainingEvent[], Refusal<TrainingRefusal>>;

/** Taking a course: questions are drawn here and marked here, never in the browser. */
export function decideTraining(
  state: TrainingState,
  command: TrainingCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'startAttempt':
      return start(state, context);
    case 'submitAttempt':
      return submit(state, command, context);
  }
}

function start(state: TrainingState, { now, newId }: Context): Decision {
  const { person, training, version, attempts, pool } = state;
  if (!person) return refuse('trainingNeedsPerson');
  if (!training || !version) return refuse('courseNotOwed');
  // One that was begun and not handed in is taken up again, with the questions it had.
  if (attempts[0] && !attempts[0].markedAt) return ok([]);
  const next = pauseUntil(attempts, version);
  if (next && isBefore(now, next)) {
    const hours = Math.ceil(now.until(next).total('hours'));
    return refuse('attemptsExhausted', { hours, until: instantText(next) });
  }
  const id = newId();
  const questions = drawQuestions(pool, version.draw, id);
  const number = attempts.length + 1;
  return ok([
    {
      type: 'AttemptStarted',
      subject: `person/${person}`,
      body: {
        attempt: id,
        training: training.id,
        course: version.course,
        version: version.id,
        number,
        questions: questions.map((question) => question.id),
      },
      attempt: {
        id,
        trainingId: training.id,
        personId: person,
        versionId: version.id,
        number,
        startedAt: now,
        questions,
      },
    },
  ]);
}

/** When the next attempt may be made: after every few attempts there is a pause to read again. */
function pauseUntil(
  attempts: readonly Attempt[],
  { attempts: allowed, pauseHours }: { readonly attempts: number; readonly pauseHours: number },
): Temporal.Instant | null {
  const [last] = attempts;
  if (!last?.markedAt || attempts.length % allowed !== 0) return null;
  return last.markedAt.add({ hours: pauseHours });
}

function submit(
  state: TrainingState,
  command: Extract<TrainingCommand, { do: 'submitAttempt' }>,
  { now, zone, newId }: Context,
): Decision {
  const { person, training, version, attempts, pool } = state;
  const attempt = attempts.find(({ id }) => id === command.attemptId);
  if (!person) return refuse('trainingNeedsPerson');
  if (!attempt || !version) return refuse('attemptUnknown');
  if (attempt.personId !== person) return refuse('attemptOfOther');
  if (attempt.markedAt) return refuse('attemptMarked');
  if (!training || training.id !== attempt.trainingId) return refuse('courseNotOwed');
  const marks = mark(pool, attempt.questions, command.answers, version.passPercent);
  const { score, asked, passed } = marks;
  const subject = `person/${person}`;
  const marked: TrainingEvent = {
    type: 'AttemptMarked',
    subject,
    body: { attempt: attempt.id, course: version.course, score, asked, passed },
    attemptId: attempt.id,
    marks,
  };
  if (!passed) return ok([marked]);
  const on = dateIn(now, zone);
  const certificate = certificateCode(newId());
  const completed: TrainingEvent = {
    type: 'TrainingCompleted',
    subject,
    body: {
      training: training.id,
      course: version.course,
      version: version.id,
      number: `${version.major}.${version.minor}`,
      digest: version.digest,
      on: on.toString(),
      dueOn: training.dueOn.toString(),
      score,
      asked,
      certificate,
    },
    private: { name: state.name },
    about: person,
    completed: {
      trainingId: training.id,
      personId: person,
      course: version.course,
      versionId: version.id,
      major: version.major,
      on,
      score,
      asked,
      certificate,
    },
  };
  return ok([marked, completed]);
}
