import { Checkbox, NumberInput, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { routes as customerRoutes } from '../../registers/customers/routes.ts';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useCommand, useList, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { type Basis, bases, usualHours } from './facts.terms.ts';
import type { ViewingRoutes } from './facts.viewing.ts';
import { base64Of, linesOf, type ScopeOf, scopeLines } from './page.scope.ts';
import type { routes } from './routes.ts';

const empty = {
  customerId: null as string | null,
  purpose: '',
  basis: 'contract' as Basis,
  basisReference: '',
  collections: [] as string[],
  names: '',
  fromOn: '',
  toOn: '',
  hours: usualHours,
  copy: false,
  emergency: false,
};

/** Asks for a case; says who decides, what the customer learns, and when it ends. */
export default function RequestPage() {
  const t = useWords('clauses/customer-data');
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/cases">{t('title')}</Link>}
        title={t('ask')}
        sentence={t('askSentence')}
      />
      <RequestForm />
    </Page>
  );
}

function RequestForm() {
  const t = useWords('clauses/customer-data');
  const api = useApi<ViewingRoutes & typeof routes & typeof customerRoutes>();
  const navigate = useNavigate();
  const [consent, setConsent] = useState<File | null>(null);
  const settings = useRead(api.getCaseSettings, {});
  const send = useCommand(api.requestCase, {
    done: t('done.ask'),
    onDone: ({ id }) => void navigate({ to: `/console/cases/${id}` }),
  });
  const form = useFields(empty, send.fieldErrors);
  const { values } = form;
  const customer = useChosen(values.customerId);
  const longest = settings.data?.longestHours ?? 24;
  const submit = async () => {
    if (!values.customerId) return;
    const { names, collections, fromOn, toOn, customerId, ...rest } = values;
    await send.run({
      ...rest,
      customerId,
      scope: [...scopeLines(collections, linesOf(names))],
      fromOn: fromOn || null,
      toOn: toOn || null,
      consent: values.basis === 'consent' && consent ? await base64Of(consent) : null,
    });
  };
  const ready =
    values.customerId !== null &&
    values.purpose.trim() !== '' &&
    values.basisReference.trim() !== '' &&
    values.collections.length > 0;
  return (
    <FieldForm
      onSubmit={() => void submit()}
      submit={t('askVerb')}
      will={<Will emergency={values.emergency} hours={values.hours} customer={customer} />}
      running={send.running}
      problem={send.problem}
      disabled={!ready}
      onCancel={() => void navigate({ to: '/console/cases' })}
    >
      <WhyFields form={form} setConsent={setConsent} />
      <ScopeFields customerId={values.customerId} form={form} />
      <HowFields form={form} longest={longest} />
    </FieldForm>
  );
}

function useChosen(customerId: string | null) {
  const api = useApi<typeof customerRoutes>();
  const may = useMay('readCustomers');
  return useRead(api.getCustomer, { key: customerId ?? '' }, { skip: !customerId || !may }).data;
}

function Will({
  emergency,
  hours,
  customer,
}: {
  emergency: boolean;
  hours: number;
  customer: { readonly approvesCases: boolean; readonly told: string } | undefined;
}) {
  const t = useWords('clauses/customer-data');
  if (emergency) return <>{t('askWill.emergency', { hours })}</>;
  const who = t(customer?.approvesCases ? 'askWill.customerFirst' : 'askWill.officer');
  const told = t(customer?.told === 'atOnce' ? 'askWill.toldAtOnce' : 'askWill.toldAtEnd');
  return <>{t('askWill.all', { who, told, hours })}</>;
}

function CustomerField({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (id: string | null) => void;
}) {
  const t = useWords('clauses/customer-data');
  const [search, setSearch] = useState('');
  const found = useList(useApi<typeof customerRoutes>().listCustomers, { q: search, limit: 20 });
  const choices = (found.data?.items ?? []).map(({ id, name, key }) => ({
    value: id,
    label: name ? `${name} (${key})` : key,
  }));
  return (
    <Select
      label={t('customer')}
      required
      searchable
      data={choices}
      value={value}
      onChange={onChange}
      onSearchChange={(text) => setSearch(text.replace(/ \([^)]*\)$/, ''))}
      filter={({ options }) => options}
      nothingFoundMessage={t('nothingFound')}
      maw="32rem"
    />
  );
}

function ConsentField({ onChange }: { onChange: (file: File | null) => void }) {
  const t = useWords('clauses/customer-data');
  return (
    <label>
      <span>{t('consentAttach')}</span>
      <br />
      <input
        type="file"
        accept="application/pdf,image/png,image/jpeg,message/rfc822,text/plain"
        onChange={(event) => onChange(event.currentTarget.files?.[0] ?? null)}
      />
    </label>
  );
}

type Form = ReturnType<typeof useFields<typeof empty>>;

/** Collections of the chosen customer; named objects and records of them; dates. */
function ScopeFields({ customerId, form }: { customerId: string | null; form: Form }) {
  const t = useWords('clauses/customer-data');
  const read = useRead(
    useApi<ViewingRoutes>().listCollectionsForCase,
    { customerId: customerId ?? '' },
    { skip: !customerId },
  );
  const held: readonly ScopeOf[] = read.data?.items ?? [];
  return (
    <>
      <Checkbox.Group
        label={t('scopeAsk')}
        description={t(customerId ? 'scopeHint' : 'scopeFirst')}
        value={form.values.collections}
        onChange={(chosen) => form.set('collections', chosen)}
      >
        <Stack gap="xs" mt="xs">
          {held.map(({ collection, objects, records }) => (
            <Checkbox
              key={collection}
              value={collection}
              label={t('scopeOf', { collection, objects, records })}
            />
          ))}
          {read.data && held.length === 0 && <p>{t('scopeNone')}</p>}
        </Stack>
      </Checkbox.Group>
      <Textarea
        label={t('namesAsk')}
        description={t('namesHint')}
        autosize
        minRows={2}
        {...form.text('names')}
      />
      <TextInput type="date" label={t('fromAt')} maw="12rem" {...form.text('fromOn')} />
      <TextInput type="date" label={t('toAt')} maw="12rem" {...form.text('toOn')} />
    </>
  );
}

/** Whose data, what for, and on which ground. */
function WhyFields({ form, setConsent }: { form: Form; setConsent: (file: File | null) => void }) {
  const t = useWords('clauses/customer-data');
  const { values } = form;
  return (
    <>
      <CustomerField value={values.customerId} onChange={(id) => form.set('customerId', id)} />
      <Textarea
        label={t('purpose')}
        description={t('purposeHint')}
        required
        autosize
        minRows={2}
        {...form.text('purpose')}
      />
      <Radio.Group label={t('basis')} {...form.choice('basis')}>
        <Stack gap="xs" mt="xs">
          {bases.map((value) => (
            <Radio key={value} value={value} label={t(`bases.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <TextInput
        label={t(`references.${values.basis}`)}
        required
        maxLength={200}
        {...form.text('basisReference')}
      />
      {values.basis === 'consent' && <ConsentField onChange={setConsent} />}
    </>
  );
}

/** For how long, whether copies are needed, and whether it cannot wait. */
function HowFields({ form, longest }: { form: Form; longest: number }) {
  const t = useWords('clauses/customer-data');
  const officer = useMay('confirmEmergency');
  return (
    <>
      <NumberInput
        label={t('hours')}
        description={t('hoursHint', { hours: longest })}
        min={1}
        max={longest}
        allowDecimal={false}
        maw="12rem"
        {...form.choice('hours')}
      />
      <Checkbox label={t('copyAsk')} description={t('copyHint')} {...form.tick('copy')} />
      {officer && (
        <Checkbox
          label={t('emergencyAsk')}
          description={t('emergencyHint')}
          {...form.tick('emergency')}
        />
      )}
    </>
  );
}
