import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useAddress } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import { AddClause } from './page.addclause.tsx';
import type { FullVersion } from './page.edit.tsx';
import { Problems } from './page.problems.tsx';
import { TextEditor } from './page.texteditor.tsx';
import { titleOf } from './page.titles.ts';
import classes from './policy-editor.module.css';
import type { routes } from './routes.ts';

export type Language = 'en' | 'ja';
type Clause = FullVersion['clauses'][number];

/** A draft: its clauses on the left, the chosen one's texts beside, what is wrong beneath. */
export function Editor({ full }: { full: FullVersion }) {
  const { search, set } = useAddress();
  const chosen =
    full.clauses.find((clause) => clause.clause === search['clause']) ?? full.clauses[0];
  const choose = (clause: string) => set({ clause });
  return (
    <div className={classes.editor}>
      <ClauseList full={full} chosen={chosen?.clause} choose={choose} />
      <div className={classes.texts}>
        {chosen && <Texts key={chosen.clause} full={full} clause={chosen} />}
        <Problems full={full} go={(clause, language) => set({ clause, side: language })} />
      </div>
    </div>
  );
}

type ListProps = {
  full: FullVersion;
  chosen: string | undefined;
  choose: (clause: string) => void;
};

function ClauseList({ full, chosen, choose }: ListProps) {
  const t = useWords('clauses/publication');
  const language = useLanguage();
  const order = useCommand(useApi<typeof routes>().orderPolicyClauses);
  const ids = full.clauses.map((clause) => clause.clause);
  const wrong = new Set(
    full.problems
      .filter((problem) => problem.severity === 'error')
      .map((problem) => problem.clause),
  );
  const move = (clause: string, by: -1 | 1) => {
    const at = ids.indexOf(clause);
    const clauses = ids.toSpliced(at, 1).toSpliced(at + by, 0, clause);
    void order.run({ id: full.version.id, clauses });
  };
  return (
    <nav className={classes.clauses} aria-label={t('edit.clauses')}>
      <ol>
        {full.clauses.map((clause, at) => (
          <li key={clause.clause} data-chosen={clause.clause === chosen}>
            <button
              type="button"
              className={classes.clause}
              aria-current={clause.clause === chosen}
              onClick={() => choose(clause.clause)}
            >
              {titleOf(clause, language)}
              {wrong.has(clause.clause) && (
                <span className={classes.wrong}>{t('edit.hasProblems')}</span>
              )}
            </button>
            <span className={classes.moves}>
              <Move
                label={t('edit.up', { title: titleOf(clause, language) })}
                icon="up"
                off={at === 0}
                act={() => move(clause.clause, -1)}
              />
              <Move
                label={t('edit.down', { title: titleOf(clause, language) })}
                icon="down"
                off={at === ids.length - 1}
                act={() => move(clause.clause, 1)}
              />
            </span>
          </li>
        ))}
      </ol>
      {order.problem && <ProblemNotice problem={order.problem} />}
      <AddClause full={full} added={choose} />
    </nav>
  );
}

type MoveProps = { label: string; icon: 'up' | 'down'; off: boolean; act: () => void };

function Move({ label, icon, off, act }: MoveProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      aria-label={label}
      title={label}
      disabled={off}
      onClick={act}
    >
      <Icon name={icon} size={12} />
    </ActionIcon>
  );
}

function Texts({ full, clause }: { full: FullVersion; clause: Clause }) {
  const t = useWords('clauses/publication');
  const own = useLanguage();
  const { search, set } = useAddress();
  const { languages } = full.version;
  const side =
    search['side'] === 'both' ? 'both' : (languages.find((each) => each === search['side']) ?? own);
  const shown = side === 'both' ? languages : [side];
  return (
    <Section title={titleOf(clause, own)}>
      <div className={classes.bar}>
        {languages.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label={t('edit.side')}
            value={side}
            onChange={(value) => set({ side: value })}
            data={[
              ...languages.map((value) => ({
                value: value as string,
                label: t(`language.${value}`),
              })),
              { value: 'both', label: t('edit.both') },
            ]}
          />
        )}
        <RemoveClause full={full} clause={clause} />
      </div>
      <div className={classes.sides} data-both={side === 'both'}>
        {shown.map((language) => (
          <TextEditor
            key={`${clause.clause}/${language}`}
            full={full}
            clause={clause}
            language={language}
            alone={side !== 'both'}
          />
        ))}
      </div>
    </Section>
  );
}

function RemoveClause({ full, clause }: { full: FullVersion; clause: Clause }) {
  const t = useWords('clauses/publication');
  const language = useLanguage();
  const [asking, setAsking] = useState(false);
  const remove = useCommand(useApi<typeof routes>().removePolicyClause, { done: t('remove.done') });
  const promises = full.promises
    .filter((promise) => promise.clause === clause.clause)
    .map((promise) => promise.id);
  const run = async () => {
    if ((await remove.run({ id: full.version.id, clause: clause.clause })) !== undefined)
      setAsking(false);
  };
  return (
    <>
      <Button variant="subtle" color="red" size="compact-sm" onClick={() => setAsking(true)}>
        {t('remove.verb')}
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        danger
        title={t('remove.title', { title: titleOf(clause, language) })}
        verb={t('remove.verb')}
        run={() => void run()}
        running={remove.running}
        problem={remove.problem}
      >
        {promises.length > 0
          ? t('remove.promises', { count: promises.length, promises: promises.join(', ') })
          : t('remove.what')}
      </ConfirmDialog>
    </>
  );
}
