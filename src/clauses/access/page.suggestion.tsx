import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { output } from 'zod';
import { useAddress } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import classes from './page.roles.module.css';
import type { routes } from './routes.ts';

type Suggestion = output<(typeof routes)['getSuggestedRole']['output']>;

/** One suggested role: what it gives, who would hold it, and adopting it. */
export function SuggestionSheet({ id }: { id: string }) {
  const t = useWords('clauses/access');
  const read = useRead(useApi<typeof routes>().getSuggestedRole, { id });
  const mayAdopt = useMay('suggestRoles');
  const [adopting, setAdopting] = useState(false);
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const role = read.data;
  if (!role) return null;
  const adoptable = mayAdopt && role.adopted === null;
  return (
    <>
      <SheetHeader
        title={role.name}
        sentence={
          role.adopted === null
            ? t('roles.would', { count: role.holders })
            : t('roles.isAdopted', { name: role.adopted })
        }
        primary={
          adoptable && !adopting
            ? { label: t('roles.adopt.verb'), run: () => setAdopting(true) }
            : undefined
        }
      />
      {adoptable && adopting && <AdoptForm role={role} done={() => setAdopting(false)} />}
      <Contents contents={role.contents} total={role.entitlements} />
      <Section title={t('roles.heldBy', { count: role.holders })}>
        <ul className={classes.names}>
          {role.people.map((holder) => (
            <li key={holder.id}>
              {holder.person ? holder.name : t('roles.account', { name: holder.name })}{' '}
              <span className={classes.soft}>{holder.department}</span>
            </li>
          ))}
        </ul>
        <More shown={role.people.length} total={role.holders} />
      </Section>
    </>
  );
}

/** A role of the system by name; nobody's access changes by it. */
function AdoptForm({ role, done }: { role: Suggestion; done: () => void }) {
  const t = useWords('clauses/access');
  const adopt = useCommand(useApi<typeof routes>().adoptRole, { done: t('roles.adopt.done') });
  const form = useFields({ name: role.name }, adopt.fieldErrors);
  return (
    <Section title={t('roles.adopt.title')}>
      <FieldForm
        onSubmit={() =>
          void adopt.run({ id: role.id, name: form.values.name }).then((it) => it && done())
        }
        submit={t('roles.adopt.verb')}
        will={t('roles.adopt.will')}
        running={adopt.running}
        problem={adopt.problem}
        onCancel={done}
      >
        <TextInput label={t('roles.adopt.name')} required maxLength={120} {...form.text('name')} />
      </FieldForm>
    </Section>
  );
}

/** One adopted role: what it gives, and giving it up. */
export function AdoptedSheet({ id }: { id: string }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const read = useRead(api.getAdoptedRole, { id });
  const drop = useCommand(api.dropRole, { done: t('roles.drop.done') });
  const mayDrop = useMay('suggestRoles');
  const [asking, setAsking] = useState(false);
  const { set } = useAddress();
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const role = read.data;
  if (!role) return null;
  const dropIt = async () => {
    if ((await drop.run({ id })) === undefined) return;
    setAsking(false);
    set({ 'adopted-open': undefined });
  };
  return (
    <>
      <SheetHeader
        title={role.name}
        others={
          mayDrop ? [{ label: t('roles.drop.verb'), run: () => setAsking(true), danger: true }] : []
        }
      />
      <Contents contents={role.contents} total={role.contents.length} />
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        danger
        title={t('roles.drop.title', { name: role.name })}
        verb={t('roles.drop.verb')}
        running={drop.running}
        problem={drop.problem}
        run={() => void dropIt()}
      >
        {t('roles.drop.what')}
      </ConfirmDialog>
    </>
  );
}

function Contents({ contents, total }: Pick<Suggestion, 'contents'> & { total: number }) {
  const t = useWords('clauses/access');
  return (
    <Section title={t('roles.contents', { count: total })}>
      <ul className={classes.names}>
        {contents.map(({ id, name, system, privileged }) => (
          <li key={id}>
            {privileged ? t('roles.privileged', { name }) : name}{' '}
            <span className={classes.soft}>{system}</span>
          </li>
        ))}
      </ul>
      <More shown={contents.length} total={total} />
    </Section>
  );
}

/** Says what is left out, and where all of it is. */
function More({ shown, total }: { shown: number; total: number }) {
  const t = useWords('clauses/access');
  return shown < total ? (
    <p className={classes.soft}>{t('roles.more', { count: total - shown })}</p>
  ) : null;
}
