import {
  Checkbox,
  MultiSelect,
  NumberInput,
  Skeleton,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;
type Settings = Awaited<ReturnType<Api['readPublicationSettings']>>;

/** How the policy is published: languages, contact, security.txt, what strangers see. */
export default function PublicationSettingsPage() {
  const t = useWords('clauses/publication');
  const settings = useRead(useApi<typeof routes>().readPublicationSettings, {});
  const [reviewing, setReviewing] = useState(false);
  const mayReview = useMay('reviewPolicy');
  const maySeeReports = useMay('readVulnerabilityReports');
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/policy">{t('policy.title')}</Link>}
        title={t('settings.title')}
        sentence={maySeeReports && <Link to="/console/policy/reports">{t('reports.title')}</Link>}
        others={mayReview ? [{ label: t('review.verb'), run: () => setReviewing(true) }] : []}
      />
      {settings.error && (
        <ProblemNotice problem={settings.error} retry={() => settings.refetch()} />
      )}
      {settings.data ? (
        <SettingsForm key={settings.data.revision} settings={settings.data} />
      ) : (
        <Skeleton height={400} />
      )}
      <Review opened={reviewing} close={() => setReviewing(false)} />
    </Page>
  );
}

/** Nested settings as the flat fields of a form. */
function fieldsOf(settings: Settings) {
  const { name, securityTxt, ...rest } = settings;
  return {
    ...rest,
    languages: [...rest.languages] as string[],
    nameEn: name.en,
    nameJa: name.ja,
    expiresOn: securityTxt.expiresOn ?? '',
    encryption: securityTxt.encryption,
    acknowledgments: securityTxt.acknowledgments,
    hiring: securityTxt.hiring,
  };
}

function settingsOf(fields: ReturnType<typeof fieldsOf>): Settings {
  const { nameEn, nameJa, expiresOn, encryption, acknowledgments, hiring, languages, ...rest } =
    fields;
  return {
    ...rest,
    languages: languages.filter((language) => language === 'en' || language === 'ja'),
    name: { en: nameEn, ja: nameJa },
    securityTxt: { expiresOn: expiresOn || null, encryption, acknowledgments, hiring },
  };
}

function SettingsForm({ settings }: { settings: Settings }) {
  const t = useWords('clauses/publication');
  const mayChange = useMay('changePublicationSettings');
  const change = useCommand(useApi<typeof routes>().changePublicationSettings, {
    done: t('settings.saved'),
  });
  const form = useFields(fieldsOf(settings), change.fieldErrors);
  return (
    <FieldForm
      onSubmit={() => void change.run(settingsOf(form.values))}
      submit={t('settings.save')}
      will={t('settings.will')}
      running={change.running}
      problem={change.problem}
      disabled={!mayChange}
    >
      <Published form={form} />
      <Contact form={form} />
      <Section title={t('acknowledgements.title')}>
        <NumberInput
          label={t('settings.acknowledgementDays')}
          description={t('settings.acknowledgementDaysHint')}
          min={1}
          max={90}
          value={form.values.acknowledgementDays}
          onChange={(value) => form.set('acknowledgementDays', Number(value))}
        />
      </Section>
    </FieldForm>
  );
}

type Form = ReturnType<typeof useFields<ReturnType<typeof fieldsOf>>>;

function Published({ form }: { form: Form }) {
  const t = useWords('clauses/publication');
  return (
    <Section title={t('settings.published')}>
      <Stack gap="sm">
        <TextInput label={t('settings.nameEn')} {...form.text('nameEn')} />
        <TextInput label={t('settings.nameJa')} {...form.text('nameJa')} />
        <MultiSelect
          label={t('settings.languages')}
          description={t('settings.languagesHint')}
          data={['en', 'ja'].map((value) => ({ value, label: t(`language.${value}`) }))}
          value={form.values.languages}
          onChange={(value) => form.set('languages', value)}
        />
        <TextInput
          label={t('settings.website')}
          description={t('settings.websiteHint')}
          type="url"
          {...form.text('website')}
        />
        <TextInput
          label={t('settings.privacyPolicyUrl')}
          type="url"
          {...form.text('privacyPolicyUrl')}
        />
        <Switch
          label={t('settings.hideStatuses')}
          description={t('settings.hideStatusesHint')}
          {...form.tick('hideStatuses')}
        />
      </Stack>
    </Section>
  );
}

function Contact({ form }: { form: Form }) {
  const t = useWords('clauses/publication');
  return (
    <>
      <Section title={t('settings.contact')}>
        <Stack gap="sm">
          <TextInput
            label={t('settings.contactEmail')}
            type="email"
            {...form.text('contactEmail')}
          />
          <TextInput
            label={t('settings.contactUrl')}
            description={t('settings.contactUrlHint')}
            type="url"
            {...form.text('contactUrl')}
          />
        </Stack>
      </Section>
      <Section title="security.txt">
        <Stack gap="sm">
          <TextInput
            label={t('settings.expiresOn')}
            description={t('settings.expiresOnHint')}
            type="date"
            {...form.text('expiresOn')}
          />
          {(['encryption', 'acknowledgments', 'hiring'] as const).map((name) => (
            <TextInput key={name} label={t(`settings.${name}`)} type="url" {...form.text(name)} />
          ))}
        </Stack>
      </Section>
    </>
  );
}

function Review({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useWords('clauses/publication');
  const [change, setChange] = useState(false);
  const review = useCommand(useApi<typeof routes>().reviewPolicy, { done: t('review.done') });
  const run = async () => {
    if ((await review.run({ outcome: change ? 'toBeChanged' : 'unchanged' })) !== undefined)
      close();
  };
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('review.title')}
      verb={t('review.verb')}
      run={() => void run()}
      running={review.running}
      problem={review.problem}
    >
      <p>{t('review.what')}</p>
      <Checkbox
        label={t('review.change')}
        checked={change}
        onChange={(event) => setChange(event.currentTarget.checked)}
      />
    </ConfirmDialog>
  );
}
