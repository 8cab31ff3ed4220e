import { Checkbox, Select, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useList } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { CustomerItem } from './list.ts';
import type { productRoutes } from './routes.products.ts';
import type { routes } from './routes.ts';

type FormProps = { readonly customer?: CustomerItem; readonly done: () => void };

/** Registers an account, or changes what is known of one. */
export default function CustomerForm({ customer, done }: FormProps) {
  const t = useWords('registers/customers');
  const { form, command, submit } = useCustomerForm(customer, done);
  const choices = (room: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`${room}.${value}`) }));
  return (
    <FieldForm
      onSubmit={submit}
      submit={customer ? t('save') : t('add')}
      onCancel={done}
      running={command.running}
      problem={command.problem}
    >
      <TextInput label={t('name')} required {...form.text('name')} />
      <TextInput label={t('reading')} {...form.text('reading')} />
      {!customer && (
        <>
          <TextInput label={t('key')} description={t('keyHint')} required {...form.text('key')} />
          <ProductSelect {...form.choice('productId')} />
        </>
      )}
      <Select
        label={t('basis.label')}
        data={choices('basis', ['terms', 'contract'])}
        allowDeselect={false}
        {...form.choice('basis')}
      />
      <TextInput
        label={t('basisReference')}
        description={t('basisHint')}
        required
        {...form.text('basisReference')}
      />
      <TextInput
        label={t('term.label')}
        description={t('term.hint')}
        type="number"
        min={1}
        max={1200}
        {...form.text('termMonths')}
      />
      <Select
        label={t('told.label')}
        data={choices('told', ['atOnce', 'atEnd'])}
        allowDeselect={false}
        {...form.choice('told')}
      />
      <Checkbox label={t('approvesCases')} {...form.tick('approvesCases')} />
      <Select
        label={t('language.label')}
        data={choices('language', ['en', 'ja'])}
        allowDeselect={false}
        {...form.choice('language')}
      />
    </FieldForm>
  );
}

function useCustomerForm(customer: CustomerItem | undefined, done: () => void) {
  const t = useWords('registers/customers');
  const api = useApi<typeof routes>();
  const register = useCommand(api.registerCustomer, { done: t('registered'), onDone: done });
  const change = useCommand(api.changeCustomer, { done: t('saved'), onDone: done });
  const command = customer ? change : register;
  const form = useFields(valuesOf(customer), withoutPrefix(command.fieldErrors));
  const submit = () => {
    const { key, productId, reading, termMonths, ...rest } = form.values;
    const given = {
      ...rest,
      reading: reading || null,
      termMonths: termMonths === '' ? null : Number(termMonths),
    };
    if (customer) void change.run({ key: customer.key, version: customer.version, changes: given });
    else void register.run({ key, productId: productId ?? '', ...given });
  };
  return { form, command, submit };
}

function valuesOf(customer: CustomerItem | undefined) {
  return {
    key: customer?.key ?? '',
    productId: null as string | null,
    name: customer?.name ?? '',
    reading: customer?.reading ?? '',
    basis: customer?.basis ?? ('terms' as const),
    basisReference: customer?.basisReference ?? '',
    termMonths: String(customer?.termMonths ?? ''),
    told: customer?.told ?? ('atEnd' as const),
    approvesCases: customer?.approvesCases ?? false,
    language: customer?.language ?? ('en' as const),
  };
}

/** Products in use, for whoever registers an account with one. */
function ProductSelect(props: {
  readonly value: string | null;
  readonly onChange: (id: unknown) => void;
  readonly error?: string;
}) {
  const t = useWords('registers/customers');
  const products = useList(useApi<typeof productRoutes>().listProducts, { limit: 200 });
  return (
    <Select
      label={t('product')}
      required
      data={(products.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      {...props}
    />
  );
}

/** Errors of a change stand under `changes`; the fields are the same. */
export function withoutPrefix(errors: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([path, text]) => [path.replace(/^changes\./, ''), text]),
  );
}
