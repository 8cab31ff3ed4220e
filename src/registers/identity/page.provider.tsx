import {
  PasswordInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Section } from '../../ui/Page.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { Addresses } from './page.addresses.tsx';
import {
  type Mapped,
  type Provider,
  type ProviderSettings,
  type Secret,
  signInApi,
} from './page.api.ts';
import { RoleFields } from './page.mapping.tsx';
import { Probe } from './page.probe.tsx';

/** Nested settings as the flat fields of a form. */
function fieldsOf({ enabled, settings }: Provider) {
  const { secondFactor, tenantId, mapping, ...rest } = settings;
  return {
    ...rest,
    enabled,
    tenantId: tenantId ?? '',
    amr: [...secondFactor.amr],
    acr: [...secondFactor.acr],
    acrs: secondFactor.acrs ?? '',
    mapping: [...mapping] as Mapped[],
    secret: '',
    pem: '',
  };
}
type Fields = ReturnType<typeof fieldsOf>;
export type ProviderFields = ReturnType<typeof useFields<Fields>>;

function settingsOf(fields: Fields): ProviderSettings {
  const { enabled: _, secret: _secret, pem: _pem, tenantId, amr, acr, acrs, ...rest } = fields;
  return {
    ...rest,
    tenantId: rest.kind === 'entra' && tenantId ? tenantId : null,
    issuer: rest.kind === 'entra' ? issuerOf(rest.issuer, tenantId) : rest.issuer,
    // Each kind shows its own of the two.
    secondFactor:
      rest.kind === 'entra' ? { amr, acr: [], acrs: acrs || null } : { amr, acr, acrs: null },
    mapping: fields.mapping.filter(({ value }) => value.trim() !== ''),
  };
}

/** Where Entra ID of a tenant says who it is; national clouds have hosts of their own. */
function issuerOf(issuer: string, tenantId: string): string {
  const origin = URL.canParse(issuer)
    ? new URL(issuer).origin
    : 'https://login.microsoftonline.com';
  return `${origin}/${tenantId.trim().toLowerCase()}/v2.0`;
}

function secretOf({ authentication, secret, pem }: Fields): Secret | null {
  if (authentication === 'secret') return secret ? { secret } : null;
  return pem ? { pem } : null;
}

/** Problems come by the path in the request; the form's fields lie flat. */
function flatErrors(errors: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([path, message]) => [path.split('.').at(-1) ?? path, message]),
  );
}

/** The provider's settings, tested before they are saved. */
export function ProviderForm({ provider }: { provider: Provider }) {
  const t = useWords('registers/identity');
  const change = useCommand(signInApi.changeSignInProvider, { done: t('saved') });
  const form = useFields(fieldsOf(provider), flatErrors(change.fieldErrors));
  const { values } = form;
  const draft = () => ({ settings: settingsOf(values), secret: secretOf(values) });
  const save = () =>
    change.run({ revision: provider.revision, enabled: values.enabled, ...draft() });
  return (
    <FieldForm
      onSubmit={() => void save()}
      submit={t('save')}
      will={values.enabled ? t('will.on', { label: values.label }) : t('will.off')}
      running={change.running}
      problem={change.problem}
    >
      <Section title={t('provider.title')}>
        <Stack gap="sm">
          <PlaceFields form={form} />
          <SecretFields form={form} has={provider.hasSecret} />
        </Stack>
      </Section>
      <Addresses provider={provider} kind={values.kind} />
      <SecondFactorFields form={form} />
      <RoleFields form={form} roles={provider.roles} />
      <Probe draft={draft} />
      <Section title={t('use.title')}>
        <Stack gap="sm">
          <Switch
            label={t('use.endProviderSession')}
            description={t('use.endProviderSessionHint')}
            {...form.tick('endProviderSession')}
          />
          <Switch
            label={t('use.enabled')}
            description={t('use.enabledHint')}
            {...form.tick('enabled')}
          />
          <Switch
            label={t('use.onlyWay')}
            description={t('use.onlyWayHint')}
            disabled={!values.enabled}
            {...form.tick('onlyWay')}
          />
        </Stack>
      </Section>
    </FieldForm>
  );
}

/** Which provider, and which client of it we are. */
function PlaceFields({ form }: { form: ProviderFields }) {
  const t = useWords('registers/identity');
  const isEntra = form.values.kind === 'entra';
  return (
    <>
      <Select
        label={t('provider.kind')}
        allowDeselect={false}
        data={(['entra', 'oidc'] as const).map((value) => ({ value, label: t(`kind.${value}`) }))}
        {...form.choice('kind')}
      />
      <TextInput
        label={t('provider.label')}
        description={t('provider.labelHint')}
        required
        {...form.text('label')}
      />
      {isEntra ? (
        <TextInput
          label={t('provider.tenantId')}
          description={t('provider.tenantIdHint')}
          required
          spellCheck={false}
          {...form.text('tenantId')}
        />
      ) : (
        <TextInput
          label={t('provider.issuer')}
          description={t('provider.issuerHint')}
          type="url"
          required
          {...form.text('issuer')}
        />
      )}
      <TextInput
        label={t('provider.clientId')}
        description={t('provider.clientIdHint')}
        required
        spellCheck={false}
        {...form.text('clientId')}
      />
    </>
  );
}

/** What Kept proves itself with; entered once, and never shown again. */
function SecretFields({ form, has }: { form: ProviderFields; has: boolean }) {
  const t = useWords('registers/identity');
  const kept = has ? t('provider.secretKept') : '';
  return (
    <>
      <Select
        label={t('provider.authentication')}
        allowDeselect={false}
        data={(['secret', 'key'] as const).map((value) => ({
          value,
          label: t(`authentication.${value}`),
        }))}
        {...form.choice('authentication')}
      />
      {form.values.authentication === 'secret' ? (
        <PasswordInput
          label={t('provider.secret')}
          description={kept}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t('provider.showSecret') }}
          {...form.text('secret')}
        />
      ) : (
        <Textarea
          label={t('provider.pem')}
          description={`${t('provider.pemHint')} ${kept}`.trim()}
          autosize
          minRows={4}
          maxRows={12}
          spellCheck={false}
          {...form.text('pem')}
        />
      )}
    </>
  );
}

/** What the provider must say for a session to begin (ACC-3). */
function SecondFactorFields({ form }: { form: ProviderFields }) {
  const t = useWords('registers/identity');
  return (
    <Section title={t('secondFactor.title')}>
      <Stack gap="sm">
        <p className="kept-soft">{t('secondFactor.what')}</p>
        <TagsInput
          label={t('secondFactor.amr')}
          description={t('secondFactor.amrHint')}
          {...form.choice('amr')}
        />
        {form.values.kind === 'entra' ? (
          <TextInput
            label={t('secondFactor.acrs')}
            description={t('secondFactor.acrsHint')}
            {...form.text('acrs')}
          />
        ) : (
          <TagsInput
            label={t('secondFactor.acr')}
            description={t('secondFactor.acrHint')}
            {...form.choice('acr')}
          />
        )}
      </Stack>
    </Section>
  );
}
