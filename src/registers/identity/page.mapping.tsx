import { Button, Select, Stack, Switch, TextInput } from '@mantine/core';
import { Section } from '../../ui/Page.tsx';
import { useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import type { ProviderFields } from './page.provider.tsx';

interface RoleFieldsProps {
  readonly form: ProviderFields;
  readonly roles: readonly string[];
}

/** Where roles come from; from the provider, what each value of its claim means here. */
export function RoleFields({ form, roles }: RoleFieldsProps) {
  const t = useWords('registers/identity');
  const { rolesFrom, rolesClaim, kind } = form.values;
  return (
    <Section title={t('roles.title')}>
      <Stack gap="sm">
        <Select
          label={t('roles.from')}
          allowDeselect={false}
          data={(['register', 'claim'] as const).map((value) => ({
            value,
            label: t(`rolesFrom.${value}`),
          }))}
          {...form.choice('rolesFrom')}
        />
        {rolesFrom === 'claim' && (
          <>
            <p className="kept-soft">{t('roles.what')}</p>
            <TextInput
              label={t('roles.claim')}
              description={t('roles.claimHint')}
              required
              {...form.text('rolesClaim')}
            />
            <Mapping form={form} roles={roles} />
            {kind === 'entra' && rolesClaim === 'groups' && (
              <Switch
                label={t('roles.askGraph')}
                description={t('roles.askGraphHint')}
                {...form.tick('askGraph')}
              />
            )}
          </>
        )}
      </Stack>
    </Section>
  );
}

function Mapping({ form, roles }: RoleFieldsProps) {
  const t = useWords('registers/identity');
  const { mapping } = form.values;
  const change = (at: number, part: Partial<(typeof mapping)[number]>) =>
    form.set(
      'mapping',
      mapping.map((row, n) => (n === at ? { ...row, ...part } : row)),
    );
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <legend style={{ padding: 0 }}>{t('roles.mapping')}</legend>
      <Stack gap="xs" mt="xs">
        {mapping.map((row, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity while they are typed
          <div key={n} className={classes.mapping}>
            <TextInput
              label={t('roles.value')}
              value={row.value}
              onChange={(event) => change(n, { value: event.currentTarget.value })}
            />
            <Select
              label={t('roles.role')}
              allowDeselect={false}
              data={roles.map((role) => ({ value: role, label: t(`role.${role}`) }))}
              value={row.role}
              onChange={(role) => role && change(n, { role })}
            />
            <Button
              variant="default"
              onClick={() =>
                form.set(
                  'mapping',
                  mapping.filter((_, at) => at !== n),
                )
              }
              aria-label={t('roles.removeOf', { value: row.value })}
            >
              {t('roles.remove')}
            </Button>
          </div>
        ))}
        <div>
          <Button
            variant="default"
            size="xs"
            onClick={() => form.set('mapping', [...mapping, { value: '', role: 'employee' }])}
          >
            {t('roles.add')}
          </Button>
        </div>
      </Stack>
    </fieldset>
  );
}
