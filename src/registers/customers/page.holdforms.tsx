import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { HoldItem } from './list.holds.ts';
import type { holdRoutes } from './routes.holds.ts';

/** Places a hold on an account. */
export function PlaceHold({ customerKey, done }: { customerKey: string; done: () => void }) {
  const t = useWords('registers/customers');
  const place = useCommand(useApi<typeof holdRoutes>().placeHold, {
    done: t('holds.placed'),
    onDone: done,
  });
  const form = useFields({ reason: '', reviewOn: '' }, place.fieldErrors);
  return (
    <FieldForm
      onSubmit={() => void place.run({ key: customerKey, ...form.values })}
      submit={t('holds.place')}
      will={t('holds.placeWill')}
      running={place.running}
      problem={place.problem}
      onCancel={done}
      disabled={form.values.reviewOn === ''}
    >
      <Textarea
        label={t('holds.reason')}
        description={t('holds.reasonHint')}
        required
        autosize
        minRows={3}
        {...form.text('reason')}
      />
      <TextInput
        label={t('holds.reviewOn')}
        description={t('holds.reviewHint')}
        type="date"
        required
        {...form.text('reviewOn')}
      />
    </FieldForm>
  );
}

/** Says that a hold is still needed, and until when that holds. */
export function ReviewHold({ hold, done }: { hold: HoldItem; done: () => void }) {
  const t = useWords('registers/customers');
  const review = useCommand(useApi<typeof holdRoutes>().reviewHold, {
    done: t('holds.reviewed'),
    onDone: done,
  });
  const form = useFields({ note: '', reviewOn: '' }, review.fieldErrors);
  return (
    <FieldForm
      onSubmit={() => void review.run({ holdId: hold.id, ...form.values })}
      submit={t('holds.keep')}
      will={t('holds.keepWill')}
      running={review.running}
      problem={review.problem}
      onCancel={done}
      disabled={form.values.reviewOn === ''}
    >
      <Textarea label={t('holds.note')} required autosize minRows={2} {...form.text('note')} />
      <TextInput label={t('holds.next')} type="date" required {...form.text('reviewOn')} />
    </FieldForm>
  );
}

/** Lifts a hold that somebody else placed; what was due meanwhile is due at once. */
export function LiftHold({ hold, close }: { hold: HoldItem; close: () => void }) {
  const t = useWords('registers/customers');
  const [note, setNote] = useState('');
  const lift = useCommand(useApi<typeof holdRoutes>().liftHold, {
    done: t('holds.lifted'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened
      onClose={close}
      danger
      title={t('holds.liftAsk', { name: hold.customer.name ?? hold.customer.key })}
      verb={t('holds.lift')}
      run={() => void lift.run({ holdId: hold.id, note })}
      running={lift.running}
      problem={lift.problem}
    >
      <p>{t('holds.liftWhat')}</p>
      <Textarea
        label={t('holds.note')}
        required
        autosize
        minRows={2}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
