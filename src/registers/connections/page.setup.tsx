import { Button, Group, Radio, Select, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useList, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { routes as systemRoutes } from '../systems/routes.ts';
import type { SetUpRoutes } from './facts.setup.ts';
import { Capabilities } from './page.capabilities.tsx';
import { type Entered, type FieldSchema, SchemaFields, sentOf } from './page.fields.tsx';

interface Source {
  readonly kind: string;
  readonly settings: FieldSchema;
  readonly secret: FieldSchema;
}

/** Connecting a system: source, what it asks for, a test of it, how often; then the first read. */
export default function SetUpConnectionPage() {
  const t = useWords('registers/connections');
  const sources = useRead(useApi<SetUpRoutes>().listConnectors, {});
  const [kind, setKind] = useState<string>();
  const source = sources.data?.items.find((each) => each.kind === kind) as Source | undefined;
  return (
    <Page>
      <PageHeader
        title={t('setup.title')}
        sentence={t('setup.sentence')}
        above={<Link to="/console/connections">{t('title')}</Link>}
      />
      {sources.error && (
        <ProblemNotice problem={sources.error} retry={() => void sources.refetch()} />
      )}
      <Radio.Group label={t('setup.source')} value={kind ?? null} onChange={setKind} mb="lg">
        <Group mt="xs" gap="lg">
          {sources.data?.items.map((each) => (
            <Radio key={each.kind} value={each.kind} label={t(`kinds.${each.kind}`)} />
          ))}
        </Group>
      </Radio.Group>
      {source && <SourceForm key={source.kind} source={source} />}
    </Page>
  );
}

function SourceForm({ source }: { source: Source }) {
  const t = useWords('registers/connections');
  const form = useSetUp(source);
  const { kind } = source;
  return (
    <FieldForm
      onSubmit={form.connect}
      submit={t('setup.verb')}
      will={t('setup.will', { count: form.hours })}
      running={form.setUp.running}
      problem={form.setUp.problem}
      disabled={form.system === null}
    >
      <SystemSelect value={form.system} onChange={form.setSystem} />
      <Section title={t('setup.settings')}>
        <Stack gap="md">
          <p className="kept-soft">{t('setup.guide', { kind })}</p>
          <SchemaFields
            kind={kind}
            schema={source.settings}
            value={form.settings}
            onChange={form.setSettings}
          />
        </Stack>
      </Section>
      <Section title={t('setup.secret')}>
        <Stack gap="md">
          <p className="kept-soft">{t('setup.secretHint')}</p>
          <SchemaFields
            kind={kind}
            schema={source.secret}
            value={form.secret}
            onChange={form.setSecret}
            secret
          />
          <Group>
            <Button variant="default" loading={form.test.running} onClick={form.tryOut}>
              {t('setup.test')}
            </Button>
          </Group>
          {form.test.problem && <ProblemNotice problem={form.test.problem} />}
          {form.tested && <Capabilities tested={form.tested} />}
        </Stack>
      </Section>
      <HoursSelect value={form.hours} onChange={form.setHours} />
    </FieldForm>
  );
}

/** What is entered, and the two calls: try, then connect. */
function useSetUp({ kind, settings: settingsSchema, secret: secretSchema }: Source) {
  const api = useApi<SetUpRoutes>();
  const navigate = useNavigate();
  const [system, setSystem] = useState<string | null>(null);
  const [settings, setSettings] = useState<Entered>({});
  const [secret, setSecret] = useState<Entered>({});
  const [hours, setHours] = useState(24);
  const test = useCommand(api.testConnection, { invalidates: [] });
  const [tested, setTested] = useState<Awaited<ReturnType<typeof test.run>>>();
  const setUp = useCommand(api.setUpConnection, {
    onDone: ({ id, runId }) =>
      void navigate({ to: `/console/connections/${id}`, search: { job: runId } as never }),
  });
  const sent = () => ({
    kind,
    settings: sentOf(settingsSchema, settings) as never,
    secret: sentOf(secretSchema, secret) as never,
  });
  return {
    system,
    setSystem,
    settings,
    setSettings,
    secret,
    setSecret,
    hours,
    setHours,
    test,
    tested,
    setUp,
    tryOut: async () => setTested(await test.run(sent())),
    connect: () => {
      if (system) void setUp.run({ system, everyHours: hours, ...sent() });
    },
  };
}

function SystemSelect({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (key: string | null) => void;
}) {
  const t = useWords('registers/connections');
  const systems = useList(useApi<typeof systemRoutes>().listSystems, { limit: 500, sort: 'name' });
  const none = systems.data?.items.length === 0;
  return (
    <>
      <Select
        label={t('setup.which')}
        description={t('setup.whichHint')}
        data={(systems.data?.items ?? []).map(({ key, name }) => ({ value: key, label: name }))}
        value={value}
        onChange={onChange}
        searchable
        required
      />
      {none && (
        <p>
          {t('noSystems')} <Link to="/console/systems">{t('registerSystem')}</Link>
        </p>
      )}
    </>
  );
}

/** How often a source is read, in hours. */
export function HoursSelect({
  value,
  onChange,
}: {
  value: number;
  onChange: (hours: number) => void;
}) {
  const t = useWords('registers/connections');
  return (
    <Select
      label={t('setup.schedule')}
      description={t('setup.scheduleHint')}
      data={[1, 3, 6, 12, 24, 48, 168].map((hours) => ({
        value: String(hours),
        label: t('hours', { count: hours }),
      }))}
      value={String(value)}
      allowDeselect={false}
      onChange={(hours) => onChange(Number(hours ?? 24))}
    />
  );
}
