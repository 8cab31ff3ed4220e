import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { Facts } from '../../ui/Facts.tsx';
import { Section } from '../../ui/Page.tsx';
import { useCommand } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import type { BacklogDetail } from './facts.shown.ts';
import { useBacklogApi } from './page.api.ts';
import classes from './page.item.module.css';
import { ClassMark } from './page.marks.tsx';
import { NoteForm } from './page.note.tsx';

interface ProposedProps {
  readonly item: BacklogDetail;
  readonly proposed: NonNullable<BacklogDetail['proposed']>;
}

/** A vector by which the item would be less bad: who asks for it and why, and the word of another. */
export default function Proposed({ item, proposed }: ProposedProps) {
  const t = useWords('clauses/vulnerabilities');
  const mayDecide = useMay('decideDecision');
  const me = useReader().person?.id;
  const [deciding, setDeciding] = useState<Pick<DecidingProps, 'vector' | 'approve'> | null>(null);
  const { vector, class: then, reason, askedBy, askedAt } = proposed;
  return (
    <Section title={t('vectorAsked')}>
      <Facts
        facts={[
          {
            label: t('vector'),
            value: vector ? <code className="kept-code">{vector}</code> : t('vectorTakeBack'),
          },
          { label: t('class'), value: <ClassMark of={then} score={null} /> },
          { label: t('reason'), value: <span className={classes.text}>{reason}</span> },
          {
            label: t('askedBy'),
            value: (
              <>
                {askedBy.name} · <RelativeTime at={askedAt} />
              </>
            ),
          },
        ]}
      />
      {mayDecide && askedBy.id === me && <p className="kept-soft">{t('vectorOwn')}</p>}
      {mayDecide && askedBy.id !== me && deciding === null && (
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            onClick={() => setDeciding({ vector, approve: true })}
          >
            {t('acts.approve')}
          </Button>
          <Button
            variant="subtle"
            size="xs"
            onClick={() => setDeciding({ vector, approve: false })}
          >
            {t('acts.refuse')}
          </Button>
        </Group>
      )}
      {deciding && <Deciding id={item.id} {...deciding} close={() => setDeciding(null)} />}
    </Section>
  );
}

interface DecidingProps {
  readonly id: string;
  /** As it was read, whatever is asked for meanwhile. */
  readonly vector: string | null;
  readonly approve: boolean;
  readonly close: () => void;
}

function Deciding({ id, vector, approve, close }: DecidingProps) {
  const t = useWords('clauses/vulnerabilities');
  const act = approve ? 'approve' : 'refuse';
  const decide = useCommand(useBacklogApi().decideBacklogVector, {
    done: t(`done.${act}`, { count: 1 }),
    onDone: close,
  });
  return (
    <NoteForm
      approve={approve}
      will={t(approve ? 'vectorWill' : 'vectorWillNot')}
      command={decide}
      send={(note) => void decide.run({ id, vector, approve, note })}
      close={close}
    />
  );
}
