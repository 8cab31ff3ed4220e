import { MultiSelect, Radio, Stack, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { Role } from '../../kernel/actor.ts';
import { useApi } from '../../ui/api.ts';
import { useRead } from '../../ui/queries.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { ToJudge } from './page.approval.tsx';
import classes from './policy-changes.module.css';
import type { routes } from './routes.ts';

type Concern = ToJudge['concerned'][number];
export type Ask =
  | { kind: 'everyone' }
  | { kind: 'changed'; concerned: Concern[] }
  | { kind: 'nobody'; reason: string };

type AskProps = { id: string; judged: ToJudge; ask: Ask; change: (ask: Ask) => void };

/** Who must acknowledge the new version; says how many people that is before anything happens. */
export function AskChoice({ id, judged, ask, change }: AskProps) {
  const t = useWords('clauses/publication');
  const [settled] = useDebouncedValue(ask, 300);
  const isWhole = settled.kind !== 'nobody' || settled.reason.trim() !== '';
  const count = useRead(
    useApi<typeof routes>().countPolicyAsk,
    { id, ask: settled },
    { skip: !isWhole },
  );
  const { added, removed } = judged.comparison.promises;
  const isCorrection = !judged.first && added.length + removed.length === 0;
  const choose = (kind: string) => {
    if (kind === 'changed') change({ kind, concerned: judged.concerned });
    else if (kind === 'nobody') change({ kind, reason: '' });
    else change({ kind: 'everyone' });
  };
  return (
    <Stack gap="sm">
      <Radio.Group
        label={t('ask.label')}
        description={count.data && t('ask.count', { count: count.data.people })}
        value={ask.kind}
        onChange={choose}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="everyone" label={t('ask.everyone')} />
          <Radio value="changed" label={t('ask.changed')} disabled={judged.first} />
          <Radio
            value="nobody"
            label={t('ask.nobody')}
            description={t('ask.nobodyHint')}
            disabled={!isCorrection}
          />
        </Stack>
      </Radio.Group>
      {ask.kind === 'changed' &&
        ask.concerned.map((concern) => (
          <ConcernChoice
            key={concern.clause}
            concern={concern}
            judged={judged}
            change={(next) =>
              change({
                kind: 'changed',
                concerned: ask.concerned.map((each) => (each.clause === next.clause ? next : each)),
              })
            }
          />
        ))}
      {ask.kind === 'nobody' && (
        <Textarea
          label={t('ask.reason')}
          required
          autosize
          value={ask.reason}
          onChange={(event) => change({ kind: 'nobody', reason: event.currentTarget.value })}
        />
      )}
    </Stack>
  );
}

type ConcernProps = { concern: Concern; judged: ToJudge; change: (concern: Concern) => void };

function ConcernChoice({ concern, judged, change }: ConcernProps) {
  const t = useWords('clauses/publication');
  const web = useWords('web');
  const language = useLanguage();
  const titles =
    judged.comparison.clauses.find((clause) => clause.clause === concern.clause)?.titles ?? {};
  const title = titles[language] ?? titles.en ?? titles.ja ?? concern.clause;
  const roles = judged.roles.map((value) => ({ value, label: web(`role.${value}`) }));
  const departments = judged.departments.map(({ name, people }) => ({
    value: name,
    label: t('ask.department', { name, count: people }),
  }));
  return (
    <fieldset className={classes.concern}>
      <legend>{t('ask.concern', { title })}</legend>
      <MultiSelect
        label={t('ask.roles')}
        data={roles}
        value={concern.roles}
        onChange={(chosen) => change({ ...concern, roles: chosen as Role[] })}
        clearable
      />
      <MultiSelect
        mt="xs"
        label={t('ask.departments')}
        data={departments}
        value={concern.departments}
        onChange={(chosen) => change({ ...concern, departments: chosen })}
        searchable
        clearable
      />
    </fieldset>
  );
}
