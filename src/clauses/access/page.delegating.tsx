import { Modal, Select } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { ReviewerChooser } from './page.choices.tsx';
import type { Asked, CampaignDetail } from './page.items.tsx';
import type { routes } from './routes.ts';

/** What the role of security officer holds, among names of people. */
const ROLE = 'role';

type DelegateDialogProps = { campaign: CampaignDetail; asked: Asked; close: () => void };

/** Passes what is undecided in a selection on to somebody else. */
export function DelegateDialog({ campaign, asked, close }: DelegateDialogProps) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const reader = useReader();
  const waiting = campaign.reviewers.filter(({ undecided }) => undecided > 0);
  const mine = waiting.some(({ id }) => id === reader.person?.id)
    ? (reader.person?.id ?? ROLE)
    : (waiting[0]?.id ?? ROLE);
  const delegate = useCommand(api.delegateReviewItems, {
    done: ({ count, ownExcluded }) =>
      ownExcluded === 0
        ? t('delegate.done', { count })
        : t('sentences', {
            first: t('delegate.done', { count }),
            second: t('delegate.own', { count: ownExcluded }),
          }),
    onDone: () => {
      asked.clear();
      close();
    },
  });
  const form = useFields({ from: mine, to: null as string | null }, delegate.fieldErrors);
  const { from, to } = form.values;
  const send = () =>
    to &&
    delegate.run({
      id: campaign.id,
      from: from === ROLE ? null : from,
      to,
      selection: asked.selection,
    });
  return (
    <Modal
      opened
      onClose={close}
      title={t('delegate.title', { count: asked.count })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() => void send()}
        submit={t('delegate.verb')}
        will={t('delegate.will')}
        running={delegate.running}
        problem={delegate.problem}
        disabled={!to}
        onCancel={close}
      >
        {waiting.length > 1 && (
          <Select
            label={t('delegate.from')}
            allowDeselect={false}
            data={waiting.map(({ id, name }) => ({
              value: id ?? ROLE,
              label: name ?? t('item.role'),
            }))}
            {...form.choice('from')}
          />
        )}
        <ReviewerChooser
          label={t('delegate.to')}
          required
          value={to}
          onChange={(id) => form.set('to', id)}
        />
      </FieldForm>
    </Modal>
  );
}
