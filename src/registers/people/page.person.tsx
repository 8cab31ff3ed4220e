import { TextInput } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { FactsAndTimeline, Page, Section } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import type { PersonItem } from './list.ts';
import { PersonAccounts, PersonFacts, PersonTasks } from './page.sheet.tsx';
import { PersonElsewhere, PersonStory } from './page.story.tsx';
import type { routes } from './routes.ts';

const LeaveNow = lazily(async () => (await import('./page.leavenow.tsx')).LeaveNow);
const PersonForm = lazy(() => import('./page.form.tsx'));

type Asking = 'edit' | 'end' | 'leave' | 'erase' | null;

/** A person's page: who they are, what they hold and owe, what happened. */
export default function PersonPage() {
  const t = useWords('registers/people');
  const id = useParam('id');
  const person = useRead(useApi<typeof routes>().getPerson, { id });
  const [asking, setAsking] = useState<Asking>(null);
  const actions = usePersonActions(person.data, setAsking);
  const close = () => setAsking(null);
  if (person.error) return <ProblemNotice problem={person.error} retry={() => person.refetch()} />;
  if (!person.data) return <Page>{null}</Page>;
  const name = person.data.state === 'erased' ? t('erasedName') : person.data.name;
  return (
    <Page>
      <PageHeader
        title={name}
        sentence={t(`state.${person.data.state}`)}
        above={<Link to="/console/people">{t('title')}</Link>}
        {...actions}
      />
      <FactsAndTimeline
        facts={
          <>
            <PersonFacts person={person.data} />
            <PersonAccounts id={id} />
            <PersonTasks id={id} />
            <PersonElsewhere id={id} />
          </>
        }
        timeline={
          <Section title={t('timeline')}>
            <PersonStory id={id} />
          </Section>
        }
      />
      <Sheet opened={asking === 'edit'} onClose={close} label={t('edit')}>
        <SheetHeader title={t('edit')} sentence={name} />
        <Suspense>
          <PersonForm key={person.data.version} person={person.data} done={close} />
        </Suspense>
      </Sheet>
      <EndEmployment person={person.data} opened={asking === 'end'} close={close} />
      {asking === 'leave' && <LeaveNow person={person.data} close={close} />}
      <Erase person={person.data} opened={asking === 'erase'} close={close} />
    </Page>
  );
}

function usePersonActions(person: PersonItem | undefined, ask: (what: Asking) => void) {
  const t = useWords('registers/people');
  const mayUpdate = useMay('updatePerson');
  const mayEnd = useMay('endEmployment');
  const mayLeave = useMay('endAccess');
  const mayErase = useMay('erasePerson');
  if (!person || person.state === 'erased') return {};
  const others: Action[] = [];
  if (mayEnd) others.push({ label: t('end.title'), run: () => ask('end') });
  if (mayLeave && person.state !== 'leaver')
    others.push({ label: t('leave.title'), run: () => ask('leave'), danger: true });
  if (mayErase && person.state === 'leaver')
    others.push({ label: t('erase.title'), run: () => ask('erase'), danger: true });
  return { primary: mayUpdate ? { label: t('edit'), run: () => ask('edit') } : undefined, others };
}

interface DialogProps {
  readonly person: PersonItem;
  readonly opened: boolean;
  readonly close: () => void;
}

function EndEmployment({ person, opened, close }: DialogProps) {
  const t = useWords('registers/people');
  const [endsOn, setEndsOn] = useState(person.endsOn ?? '');
  const end = useCommand(useApi<typeof routes>().endEmployment, {
    done: t('end.done'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('end.of', { name: person.name })}
      verb={endsOn ? t('end.verb') : t('end.withdraw')}
      run={() => void end.run({ id: person.id, endsOn: endsOn || null })}
      running={end.running}
      problem={end.problem}
      danger
    >
      <TextInput
        label={t('endsOn')}
        description={t('end.hint')}
        type="date"
        value={endsOn}
        onChange={(event) => setEndsOn(event.currentTarget.value)}
        data-autofocus
      />
      <p>{t('end.what')}</p>
    </ConfirmDialog>
  );
}

function Erase({ person, opened, close }: DialogProps) {
  const t = useWords('registers/people');
  const erase = useCommand(useApi<typeof routes>().erasePerson, {
    done: t('erase.done'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('erase.of', { name: person.name })}
      verb={t('erase.verb')}
      run={() => void erase.run({ id: person.id })}
      running={erase.running}
      problem={erase.problem}
      danger
    >
      <p>{t('erase.what')}</p>
    </ConfirmDialog>
  );
}
