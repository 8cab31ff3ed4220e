import { NumberInput, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { output } from 'zod';
import type { ApiProblem } from '../../ui/api.ts';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords, type Words } from '../../ui/words.ts';
import type { ShownPolicy } from './facts.shown.ts';
import { useBacklogApi } from './page.api.ts';
import { ClassMark } from './page.marks.tsx';
import classes from './page.policy.module.css';
import type { policyRoutes } from './routes.policy.ts';

type Counts = output<(typeof policyRoutes)['previewPatchPolicy']['output']>;
type Draft = Pick<
  ShownPolicy,
  'classes' | 'exploitedDays' | 'acceptanceDays' | 'textEn' | 'textJa'
>;

/** Changes the patch policy; what that does to the backlog is said before it is done. */
export default function PolicyForm({ policy, close }: { policy: ShownPolicy; close: () => void }) {
  const t = useWords('clauses/vulnerabilities');
  const api = useBacklogApi();
  const { classes: deadlines, exploitedDays, acceptanceDays, textEn, textJa } = policy;
  const [draft, setDraft] = useState<Draft>({
    classes: deadlines,
    exploitedDays,
    acceptanceDays,
    textEn,
    textJa,
  });
  const change = useCommand(api.changePatchPolicy, { done: t('policy.done'), onDone: close });
  const preview = usePreview(draft);
  const problem = change.problem ?? preview.error ?? undefined;
  const set = (patch: Partial<Draft>) => setDraft((before) => ({ ...before, ...patch }));
  return (
    <div className={classes.form}>
      <FieldForm
        onSubmit={() => void change.run({ version: policy.version, policy: draft })}
        submit={t('policy.verb')}
        will={preview.data && previewText(preview.data, t)}
        running={change.running}
        problem={problem}
        disabled={!preview.data}
        onCancel={close}
      >
        <Fields draft={draft} set={set} />
      </FieldForm>
    </div>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly set: (patch: Partial<Draft>) => void;
}

function Fields({ draft, set }: FieldsProps) {
  const t = useWords('clauses/vulnerabilities');
  return (
    <>
      {draft.classes.map((each) => (
        <ClassFields
          key={each.class}
          of={each}
          set={(patch) =>
            set({
              classes: draft.classes.map((other) =>
                other.class === each.class ? { ...other, ...patch } : other,
              ),
            })
          }
        />
      ))}
      <NumberInput
        label={t('policy.exploitedDays')}
        min={1}
        max={3660}
        allowDecimal={false}
        value={draft.exploitedDays}
        onChange={(value) => set({ exploitedDays: Number(value) })}
      />
      <NumberInput
        label={t('policy.acceptanceDays')}
        min={1}
        max={366}
        allowDecimal={false}
        value={draft.acceptanceDays}
        onChange={(value) => set({ acceptanceDays: Number(value) })}
      />
      <Textarea
        label={t('policy.textEn')}
        lang="en"
        autosize
        minRows={4}
        required
        value={draft.textEn}
        onChange={(event) => set({ textEn: event.currentTarget.value })}
      />
      <Textarea
        label={t('policy.textJa')}
        lang="ja"
        autosize
        minRows={4}
        required
        value={draft.textJa}
        onChange={(event) => set({ textJa: event.currentTarget.value })}
      />
    </>
  );
}

type ClassDeadline = Draft['classes'][number];

function ClassFields({
  of,
  set,
}: {
  readonly of: ClassDeadline;
  readonly set: (patch: Partial<ClassDeadline>) => void;
}) {
  const t = useWords('clauses/vulnerabilities');
  return (
    <div className={classes.row}>
      <ClassMark of={of.class} />
      <NumberInput
        label={t('policy.fromScore')}
        min={0.1}
        max={10}
        step={0.1}
        decimalScale={1}
        value={of.fromScore}
        onChange={(value) => set({ fromScore: Number(value) })}
      />
      <NumberInput
        label={t('policy.days')}
        min={1}
        max={3660}
        allowDecimal={false}
        value={of.days}
        onChange={(value) => set({ days: Number(value) })}
      />
    </div>
  );
}

/** Asked of the server a moment after the last key: it writes nothing. */
function usePreview(draft: Draft) {
  const api = useBacklogApi();
  const [settled] = useDebouncedValue(draft, 400);
  return useQuery<Counts, ApiProblem>({
    queryKey: [api.previewPatchPolicy.operation, settled],
    queryFn: ({ signal }) => api.previewPatchPolicy({ policy: settled }, { signal }),
    retry: false,
  });
}

/** "41 deadlines come nearer, 3 are past at once." */
function previewText(counts: Counts, t: Words): string {
  const { items, changed, sooner, later, otherClass, overdueBefore, overdueAfter } = counts;
  if (changed === 0) return t('policy.nothing', { count: items });
  const past = overdueAfter - overdueBefore;
  const said = [
    sooner > 0 && t('policy.sooner', { count: sooner }),
    later > 0 && t('policy.later', { count: later }),
    otherClass > 0 && t('policy.otherClass', { count: otherClass }),
    past > 0 && t('policy.past', { count: past }),
    past < 0 && t('policy.noLonger', { count: -past }),
  ];
  return said.filter(Boolean).join(' ');
}
