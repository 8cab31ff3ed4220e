import { Select, Textarea, TextInput } from '@mantine/core';
import type { productRoutes } from '../../registers/customers/routes.products.ts';
import type { routes as customerRoutes } from '../../registers/customers/routes.ts';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useList } from '../../ui/queries.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { Schedule } from './page.schedules.tsx';
import type { scheduleRoutes } from './routes.schedules.ts';

type Routes = ReturnType<typeof scheduleRoutes>;
type Props = {
  /** One schedule of each kind, as it holds for all of it. */
  readonly kinds: readonly Schedule[];
  /** What is to be changed; null for another scope. */
  readonly schedule: Schedule | null;
  readonly close: () => void;
};

/** Sets how long records are kept: all of a kind, a product’s, or those under a contract. */
export function SchedulingSheet(props: Props) {
  const t = useWords('clauses/retention');
  return (
    <Sheet opened onClose={props.close} label={t('schedules.add')}>
      <SchedulingForm {...props} />
    </Sheet>
  );
}

type Fields = ReturnType<typeof fieldsOf>;

function fieldsOf(schedule: Schedule | null, kinds: readonly Schedule[]) {
  const like = schedule ?? kinds[0];
  return {
    kind: (like?.kind ?? '') as string | null,
    scope: (schedule?.productId ? 'product' : schedule?.customerId ? 'customer' : 'all') as
      | string
      | null,
    productId: schedule?.productId ?? null,
    customerId: schedule?.customerId ?? null,
    collection: schedule?.collection ?? '',
    after: (like?.after ?? 'changed') as string | null,
    period: schedule?.period ?? '',
    purposeEn: like?.purpose.en ?? '',
    purposeJa: like?.purpose.ja ?? '',
    groundEn: like?.ground.en ?? '',
    groundJa: like?.ground.ja ?? '',
  };
}

function commandOf(values: Fields, version: number) {
  const { purposeEn, purposeJa, groundEn, groundJa } = values;
  return {
    version,
    kind: values.kind ?? '',
    productId: values.scope === 'product' ? values.productId : null,
    customerId: values.scope === 'customer' ? values.customerId : null,
    collection: values.scope === 'all' ? null : values.collection.trim() || null,
    after: (values.after ?? 'changed') as Schedule['after'],
    period: values.period.trim() || null,
    purpose: { en: purposeEn, ja: purposeJa },
    ground: { en: groundEn, ja: groundJa },
  };
}

function SchedulingForm({ kinds, schedule, close }: Props) {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  const set = useCommand(useApi<Routes>().setSchedule, { done: t('setting.done'), onDone: close });
  const form = useFields(fieldsOf(schedule, kinds), set.fieldErrors);
  const kind = kinds.find((each) => each.kind === form.values.kind);
  const label = kind?.label[language] ?? '';
  return (
    <>
      <SheetHeader title={t('setting.title', { kind: label })} />
      <FieldForm
        onSubmit={() => void set.run(commandOf(form.values, schedule?.version ?? 0))}
        submit={t('setting.verb')}
        will={t('setting.will')}
        running={set.running}
        problem={set.problem}
        onCancel={close}
      >
        {!schedule && (
          <Select
            label={t('schedules.kind')}
            data={kinds.map((each) => ({ value: each.kind, label: each.label[language] }))}
            allowDeselect={false}
            {...form.choice('kind')}
          />
        )}
        {!schedule && <Scope form={form} />}
        <Select
          label={t('setting.after')}
          data={(kind?.moments ?? []).map((value) => ({ value, label: t(`moment.${value}`) }))}
          allowDeselect={false}
          {...form.choice('after')}
        />
        <TextInput
          label={t('setting.period')}
          description={t('setting.periodWhat')}
          {...form.text('period')}
        />
        {(['purposeEn', 'purposeJa', 'groundEn', 'groundJa'] as const).map((name) => (
          <Textarea
            key={name}
            label={t(`setting.${name}`)}
            required
            autosize
            {...form.text(name)}
          />
        ))}
      </FieldForm>
    </>
  );
}

/** For what: all of the kind, a product, or the contract of a customer. */
function Scope({ form }: { form: ReturnType<typeof useFields<Fields>> }) {
  const t = useWords('clauses/retention');
  const { scope, kind } = form.values;
  const products = useList(useApi<typeof productRoutes>().listProducts, { limit: 200 });
  const customers = useList(useApi<typeof customerRoutes>().listCustomers, { limit: 200 });
  const named = (items: readonly { id: string; key: string; name: string | null }[] | undefined) =>
    (items ?? []).map(({ id, key, name }) => ({ value: id, label: name ?? key }));
  return (
    <>
      <Select
        label={t('setting.scope')}
        data={[
          { value: 'all', label: t('setting.scopeAll') },
          ...(kind === 'contents' ? [{ value: 'product', label: t('setting.scopeProduct') }] : []),
          { value: 'customer', label: t('setting.scopeCustomer') },
        ]}
        allowDeselect={false}
        {...form.choice('scope')}
      />
      {scope === 'product' && (
        <Select
          label={t('setting.product')}
          data={named(products.data?.items)}
          searchable
          {...form.choice('productId')}
        />
      )}
      {scope === 'customer' && (
        <Select
          label={t('setting.customer')}
          data={named(customers.data?.items)}
          searchable
          {...form.choice('customerId')}
        />
      )}
      {scope !== 'all' && kind === 'contents' && (
        <TextInput
          label={t('setting.collection')}
          description={t('setting.collectionWhat')}
          {...form.text('collection')}
        />
      )}
    </>
  );
}
