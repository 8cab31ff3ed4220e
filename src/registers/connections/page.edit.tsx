import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { SetUpRoutes } from './facts.setup.ts';
import { Capabilities } from './page.capabilities.tsx';
import type { OneConnection } from './page.connection.tsx';
import { type Entered, type FieldSchema, SchemaFields, sentOf } from './page.fields.tsx';
import { HoursSelect } from './page.setup.tsx';

/** Changes settings, secret and schedule of a connection. */
export default function EditForm({
  connection,
  done,
}: {
  connection: OneConnection;
  done: () => void;
}) {
  const t = useWords('registers/connections');
  const { kind, id, version } = connection;
  const api = useApi<SetUpRoutes>();
  const source = useRead(api.listConnectors, {}).data?.items.find((each) => each.kind === kind);
  const change = useCommand(api.changeConnection, { done: t('edit.done'), onDone: done });
  const test = useCommand(api.testConnection, { invalidates: [] });
  const [tested, setTested] = useState<Awaited<ReturnType<typeof test.run>>>();
  const [settings, setSettings] = useState<Entered>(connection.settings);
  const [secret, setSecret] = useState<Entered>({});
  const [hours, setHours] = useState(connection.everyHours);
  if (!source) return null;
  const schemas = source as { settings: FieldSchema; secret: FieldSchema };
  const sent = () => ({
    settings: sentOf(schemas.settings, settings) as never,
    ...(Object.keys(secret).length > 0 ? { secret: sentOf(schemas.secret, secret) as never } : {}),
  });
  return (
    <FieldForm
      onSubmit={() => void change.run({ id, version, everyHours: hours, ...sent() })}
      submit={t('edit.verb')}
      onCancel={done}
      running={change.running}
      problem={change.problem}
    >
      <SchemaFields
        {...{ kind }}
        schema={schemas.settings}
        value={settings}
        onChange={setSettings}
      />
      <p className="kept-soft">{t('edit.secretKeep')}</p>
      <SchemaFields
        {...{ kind }}
        schema={schemas.secret}
        value={secret}
        onChange={setSecret}
        secret
      />
      <Group>
        <Button
          variant="default"
          loading={test.running}
          onClick={async () => setTested(await test.run({ id, kind, ...sent() }))}
        >
          {t('setup.test')}
        </Button>
      </Group>
      {tested && <Capabilities tested={tested} />}
      <HoursSelect value={hours} onChange={setHours} />
    </FieldForm>
  );
}
