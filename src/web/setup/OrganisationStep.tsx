import { MultiSelect, Select, TextInput } from '@mantine/core';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { SetUp as SetUpInput } from '../shell/shellApi.ts';

/** Every zone that the browser knows; some browsers leave UTC out of the list. */
const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])];

type OrganisationStepProps = {
  known: SetUpInput['organisation'] | undefined;
  /** What the server did not take, by field; known only after the next step. */
  errors: Readonly<Record<string, string>>;
  onDone: (organisation: SetUpInput['organisation']) => void;
};

/** Name, domain, zone and languages; nothing is sent before the administrator is known too. */
export function OrganisationStep({ known, errors, onDone }: OrganisationStepProps) {
  const t = useWords('web');
  const language = useLanguage();
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const form = useFields(
    {
      name: known?.name ?? '',
      zone: known?.zone ?? here,
      languages: [...(known?.languages ?? [language])],
      domain: known?.domain ?? '',
    },
    errors,
  );
  const ready = form.values.languages.length > 0 && form.values.zone !== '';
  return (
    <FieldForm
      submit={t('identity.continue')}
      disabled={!ready}
      onSubmit={() => onDone(form.values)}
    >
      <TextInput
        label={t('setUp.name')}
        required
        autoComplete="organization"
        {...form.text('name')}
      />
      <TextInput
        label={t('setUp.domain')}
        description={t('setUp.domainHint')}
        required
        placeholder="example.com"
        autoCapitalize="none"
        spellCheck={false}
        {...form.text('domain')}
      />
      <Select
        label={t('setUp.zone')}
        description={t('setUp.zoneHint')}
        searchable
        required
        allowDeselect={false}
        data={zones}
        {...form.choice('zone')}
      />
      <MultiSelect
        label={t('setUp.languages')}
        description={t('setUp.languagesHint')}
        required
        data={[
          { value: 'en', label: 'English' },
          { value: 'ja', label: '日本語' },
        ]}
        {...form.choice('languages')}
      />
    </FieldForm>
  );
}
