import { Checkbox, NumberInput, TagsInput, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { offeredEcosystems } from './page.ecosystems.ts';
import type { Feed } from './page.feeds.tsx';
import type { feedRoutes } from './routes.ts';

/** Turns a feed on or off; where it is fetched from, and how often. */
export default function FeedForm({ feed, close }: { feed: Feed; close: () => void }) {
  const t = useWords('registers/advisories');
  const change = useCommand(useApi<typeof feedRoutes>().changeAdvisoryFeed, {
    done: t('feeds.saved'),
    onDone: close,
  });
  const errors = Object.fromEntries(
    Object.entries(change.fieldErrors).map(([path, text]) => [path.replace('changes.', ''), text]),
  );
  const form = useFields(
    {
      on: feed.on,
      address: feed.address,
      ecosystems: feed.ecosystems as string[],
      everyHours: feed.everyHours,
      staleAfterHours: feed.staleAfterHours,
    },
    errors,
  );
  const send = () => {
    const { ecosystems: chosen, ...rest } = form.values;
    const changes = feed.kind === 'osv' ? { ...rest, ecosystems: chosen } : rest;
    void change.run({ kind: feed.kind, version: feed.version, changes });
  };
  const { on, everyHours } = form.values;
  return (
    <FieldForm
      onSubmit={send}
      submit={t('feeds.save')}
      will={on ? t('feeds.willFetch', { count: everyHours }) : t('feeds.willNot')}
      running={change.running}
      problem={change.problem}
      onCancel={close}
    >
      <Checkbox label={t('feeds.turnOn')} {...form.tick('on')} />
      <TextInput
        label={t('feeds.address')}
        description={t('feeds.addressHint')}
        required
        {...form.text('address')}
      />
      {feed.kind === 'osv' && (
        <TagsInput
          label={t('feeds.ecosystems')}
          description={t('feeds.ecosystemsHint')}
          data={[...offeredEcosystems]}
          {...form.choice('ecosystems')}
        />
      )}
      <NumberInput
        label={t('feeds.everyHours')}
        min={1}
        max={168}
        allowDecimal={false}
        {...form.choice('everyHours')}
      />
      <NumberInput
        label={t('feeds.staleAfterHours')}
        description={t('feeds.staleHint')}
        min={1}
        max={744}
        allowDecimal={false}
        {...form.choice('staleAfterHours')}
      />
    </FieldForm>
  );
}
