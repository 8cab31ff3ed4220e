import { Select, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { ProductItem } from './list.products.ts';
import { withoutPrefix } from './page.form.tsx';
import type { productRoutes } from './routes.products.ts';

type FormProps = { readonly product?: ProductItem; readonly done: () => void };

/** Adds a product, or changes one. What is installed with customers holds nothing with us. */
export default function ProductForm({ product, done }: FormProps) {
  const t = useWords('registers/customers');
  const api = useApi<typeof productRoutes>();
  const add = useCommand(api.addProduct, { done: t('products.added'), onDone: done });
  const change = useCommand(api.changeProduct, { done: t('saved'), onDone: done });
  const command = product ? change : add;
  const form = useFields(
    {
      key: product?.key ?? '',
      name: product?.name ?? '',
      kind: product?.kind ?? ('cloud' as ProductItem['kind']),
      custody: product?.custody ?? ('vault' as ProductItem['custody']),
    },
    withoutPrefix(command.fieldErrors),
  );
  const installed = form.values.kind === 'installed';
  const submit = () => {
    const { key, custody, ...rest } = form.values;
    const given = { ...rest, custody: installed ? ('none' as const) : custody };
    if (product) void change.run({ key: product.key, version: product.version, changes: given });
    else void add.run({ key, ...given });
  };
  const choices = (room: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`${room}.${value}`) }));
  return (
    <FieldForm
      onSubmit={submit}
      submit={product ? t('save') : t('products.add')}
      running={command.running}
      problem={command.problem}
      onCancel={done}
    >
      <TextInput label={t('name')} required {...form.text('name')} />
      {!product && (
        <TextInput
          label={t('key')}
          description={t('products.keyHint')}
          required
          {...form.text('key')}
        />
      )}
      <Select
        label={t('kind.label')}
        data={choices('kind', ['cloud', 'installed'])}
        allowDeselect={false}
        {...form.choice('kind')}
      />
      {!installed && (
        <Select
          label={t('custody.label')}
          description={t('custody.hint')}
          data={choices('custody', ['vault', 'keys', 'none'])}
          allowDeselect={false}
          {...form.choice('custody')}
        />
      )}
    </FieldForm>
  );
}
