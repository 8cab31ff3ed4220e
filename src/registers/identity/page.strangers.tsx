import { Button, Group, Modal } from '@mantine/core';
import { useState } from 'react';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import { PersonSelect } from '../page.PersonSelect.tsx';
import { type Stranger, signInApi } from './page.api.ts';
import classes from './page.module.css';

/** Who came by the provider and is nobody here yet: the security officer says who they are. */
export function Strangers() {
  const t = useWords('registers/identity');
  const u = useWords('ui');
  const strangers = useRead(signInApi.listStrangers, {});
  const forget = useCommand(signInApi.forgetStranger, { done: t('strangers.forgotten') });
  const [linking, setLinking] = useState<Stranger | undefined>(undefined);
  const items = strangers.data?.items ?? [];
  const problem = strangers.error ?? forget.problem;
  return (
    <>
      <p className="kept-soft">{items.length > 0 ? t('strangers.what') : t('strangers.none')}</p>
      {problem && <ProblemNotice problem={problem} />}
      <ul className={classes.people}>
        {items.map((stranger) => (
          <li key={stranger.id}>
            <div>
              {stranger.name || t('strangers.nameless')}{' '}
              <code className="kept-code">{stranger.reference}</code>
              <div className="kept-soft">
                {stranger.email && `${stranger.email} · `}
                <RelativeTime at={stranger.lastAt} />
              </div>
            </div>
            <Group gap="xs">
              <Button size="xs" onClick={() => setLinking(stranger)}>
                {t('strangers.link')}
              </Button>
              <Button
                variant="default"
                size="xs"
                onClick={() => void forget.run({ id: stranger.id })}
              >
                {t('strangers.forget')}
              </Button>
            </Group>
          </li>
        ))}
      </ul>
      <Modal
        opened={linking !== undefined}
        onClose={() => setLinking(undefined)}
        title={t('strangers.who', { name: linking?.name ?? '' })}
        centered
        closeButtonProps={{ 'aria-label': u('close') }}
      >
        {linking && <LinkForm stranger={linking} onDone={() => setLinking(undefined)} />}
      </Modal>
    </>
  );
}

function LinkForm({ stranger, onDone }: { stranger: Stranger; onDone: () => void }) {
  const t = useWords('registers/identity');
  const link = useCommand(signInApi.linkStranger, { done: t('strangers.linked'), onDone });
  const [personId, setPersonId] = useState<string | null>(null);
  return (
    <FieldForm
      submit={t('strangers.link')}
      will={t('strangers.will')}
      running={link.running}
      problem={link.problem}
      disabled={personId === null}
      onSubmit={() => personId && void link.run({ stranger: stranger.id, personId })}
    >
      <PersonSelect label={t('strangers.person')} value={personId} onChange={setPersonId} />
    </FieldForm>
  );
}
