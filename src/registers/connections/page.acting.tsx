import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { SetUpRoutes } from './facts.setup.ts';
import type { OneConnection } from './page.connection.tsx';
import { type Entered, type FieldSchema, SchemaFields, sentOf } from './page.fields.tsx';

/** Lets a connection carry out orders, with credentials of their own. */
export default function ActingForm({
  connection: { id, kind, actingSecret },
  done,
}: {
  connection: OneConnection;
  done: () => void;
}) {
  const t = useWords('registers/connections');
  const api = useApi<SetUpRoutes>();
  const source = useRead(api.listConnectors, {}).data?.items.find((each) => each.kind === kind);
  const acting = useCommand(api.switchActing, { done: t('act.switched'), onDone: done });
  const [secret, setSecret] = useState<Entered>({});
  if (!source) return null;
  if (source.acts.length === 0) return <p>{t('act.unable')}</p>;
  const schema = source.secret as FieldSchema;
  const given = Object.keys(secret).length > 0;
  return (
    <FieldForm
      onSubmit={() =>
        void acting.run({
          id,
          on: true,
          ...(given ? { secret: sentOf(schema, secret) as never } : {}),
        })
      }
      submit={t('act.verb')}
      will={t('act.will')}
      onCancel={done}
      running={acting.running}
      problem={acting.problem}
      disabled={!given && !actingSecret}
    >
      <p className="kept-soft">{t('act.hint')}</p>
      {kind === 'aws' && <p className="kept-soft">{t('act.leavesAws')}</p>}
      {actingSecret && <p className="kept-soft">{t('edit.secretKeep')}</p>}
      <SchemaFields {...{ kind, schema }} value={secret} onChange={setSecret} secret />
    </FieldForm>
  );
}
