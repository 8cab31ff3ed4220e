import { Select, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { MapLine } from './page.map.tsx';
import type { WholeProduct } from './page.product.tsx';
import type { productRoutes } from './routes.products.ts';

type FormProps = {
  readonly product: WholeProduct;
  readonly line: MapLine | undefined;
  readonly done: () => void;
};

/** A line of a data map. */
export function LineForm({ product, line, done }: FormProps) {
  const t = useWords('registers/customers');
  const api = useApi<typeof productRoutes>();
  const add = useCommand(api.addHolding, { done: t('saved'), onDone: done });
  const change = useCommand(api.changeHolding, { done: t('saved'), onDone: done });
  const command = line ? change : add;
  const form = useFields(
    {
      'what.en': line?.what.en ?? '',
      'what.ja': line?.what.ja ?? '',
      place: line?.place ?? '',
      controller: line?.controller ?? ('customer' as MapLine['controller']),
      collection: line?.collection ?? '',
    },
    command.fieldErrors,
  );
  const submit = () => {
    const { 'what.en': en, 'what.ja': ja, collection, ...rest } = form.values;
    const given = { key: product.key, what: { en, ja }, collection: collection || null, ...rest };
    if (line) void change.run({ ...given, holdingId: line.id });
    else void add.run(given);
  };
  return (
    <FieldForm
      onSubmit={submit}
      submit={t('save')}
      running={command.running}
      problem={command.problem}
      onCancel={done}
    >
      <TextInput label={t('map.whatEn')} required {...form.text('what.en')} />
      <TextInput label={t('map.whatJa')} required {...form.text('what.ja')} />
      <TextInput
        label={t('map.place')}
        description={t('map.placeHint')}
        required
        {...form.text('place')}
      />
      <Select
        label={t('controller.label')}
        data={(['customer', 'company', 'processor'] as const).map((value) => ({
          value,
          label: t(`controller.${value}`),
        }))}
        allowDeselect={false}
        {...form.choice('controller')}
      />
      {product.custody === 'vault' && (
        <TextInput
          label={t('map.collection')}
          description={t('map.collectionHint')}
          {...form.text('collection')}
        />
      )}
    </FieldForm>
  );
}
