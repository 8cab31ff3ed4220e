import { Modal, Textarea } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { Decision } from './facts.ts';
import { WantedChooser } from './page.choices.tsx';
import type { Asked } from './page.items.tsx';
import type { routes } from './routes.ts';

export type Act = Decision;

type DecideDialogProps = {
  campaign: string;
  asked: Asked & { readonly act: Act };
  close: () => void;
};

/** Says what a decision will do to how many, takes its reason, and does it in one act. */
export function DecideDialog({ campaign, asked, close }: DecideDialogProps) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const { act, count, selection, system, clear } = asked;
  const decide = useCommand(api.decideReviewItems, {
    done: (answer) => doneSentence(t, answer),
    onDone: () => {
      clear();
      close();
    },
  });
  const form = useFields({ reason: '', wanted: null as string | null }, decide.fieldErrors);
  const { reason, wanted } = form.values;
  const missing = (act !== 'keep' && reason.trim() === '') || (act === 'change' && !wanted);
  return (
    <Modal
      opened
      onClose={close}
      title={t(`decide.title.${act}`, { count })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() =>
          void decide.run({
            id: campaign,
            decision: act,
            reason,
            wantedEntitlementId: wanted,
            selection,
          })
        }
        submit={t(`decide.${act}`)}
        will={t(`decide.will.${act}`, { count })}
        danger={act === 'revoke'}
        running={decide.running}
        problem={decide.problem}
        disabled={missing}
        onCancel={close}
      >
        {act === 'change' && (
          <WantedChooser
            campaign={campaign}
            system={system}
            label={t('item.wanted')}
            required
            value={wanted}
            onChange={(id) => form.set('wanted', id)}
          />
        )}
        <Textarea
          label={t('item.reason')}
          required={act !== 'keep'}
          autosize
          minRows={2}
          data-autofocus
          {...form.text('reason')}
        />
      </FieldForm>
    </Modal>
  );
}

type Words = ReturnType<typeof useWords>;

/** What was done, and what was left out and why. */
function doneSentence(
  t: Words,
  {
    count,
    ownExcluded,
    othersExcluded,
    notGranted,
  }: { count: number; ownExcluded: number; othersExcluded: number; notGranted: number },
): string {
  const parts = [t('decide.done', { count })];
  if (ownExcluded > 0) parts.push(t('decide.own', { count: ownExcluded }));
  if (othersExcluded > 0) parts.push(t('decide.others', { count: othersExcluded }));
  if (notGranted > 0) parts.push(t('decide.notGranted', { count: notGranted }));
  return parts.reduce((first, second) => t('sentences', { first, second }));
}
