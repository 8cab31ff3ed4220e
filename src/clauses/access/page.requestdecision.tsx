import { Modal, Textarea } from '@mantine/core';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords, type Words } from '../../ui/words.ts';
import type { routes } from './routes.ts';

export type Decision = 'approve' | 'refuse';

/** What is to be decided, and what takes the selection away afterwards. */
export interface Asked {
  readonly decision: Decision;
  readonly ids: readonly string[];
  readonly clear: () => void;
}

/** Decides on one request or on many, with the reason. */
export function DecisionDialog({ asked, close }: { asked: Asked; close: () => void }) {
  const t = useWords('clauses/access');
  const { decision, ids, clear } = asked;
  const decide = useCommand(useApi<typeof routes>().decideAccessRequests, {
    done: (answer) => doneSentence(t, decision, answer),
    onDone: () => {
      clear();
      close();
    },
  });
  const form = useFields({ reason: '' }, decide.fieldErrors);
  const { reason } = form.values;
  const count = ids.length;
  return (
    <Modal
      opened
      onClose={close}
      title={t(`request.title.${decision}`, { count })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() => void decide.run({ ids: [...ids], decision, reason })}
        submit={t(`request.${decision}`)}
        will={t(`request.will.${decision}`)}
        danger={decision === 'refuse'}
        running={decide.running}
        problem={decide.problem}
        disabled={decision === 'refuse' && reason.trim() === ''}
        onCancel={close}
      >
        <Textarea
          label={t('item.reason')}
          required={decision === 'refuse'}
          autosize
          minRows={2}
          data-autofocus
          {...form.text('reason')}
        />
      </FieldForm>
    </Modal>
  );
}

type Answer = output<(typeof routes)['decideAccessRequests']['output']>;

/** What was done, and what was left out and why. */
function doneSentence(t: Words, decision: Decision, answer: Answer): string {
  const parts = [t(`request.done.${decision}`, { count: answer.count })];
  const leftOut = [
    ['own', answer.ownExcluded],
    ['undertaking', answer.undertakingExcluded],
    ['conflict', answer.conflictExcluded],
    ['others', answer.othersExcluded],
  ] as const;
  for (const [why, count] of leftOut)
    if (count > 0) parts.push(t(`request.leftOut.${why}`, { count }));
  return parts.reduce((first, second) => t('sentences', { first, second }));
}
