import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import type { BacklogDetail } from './facts.shown.ts';
import { useBacklogApi } from './page.api.ts';
import classes from './page.item.module.css';
import { ClassMark } from './page.marks.tsx';
import { baseMetrics, metricsOf, withMetric } from './page.metrics.ts';

/** An own vector for this asset: metric by metric or as text, its score, class and deadline at once. */
export default function VectorEditor({ item }: { item: BacklogDetail }) {
  const t = useWords('clauses/vulnerabilities');
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <Button variant="default" size="xs" mt="sm" onClick={() => setOpen(true)}>
        {t(item.ownVector ? 'vectorChange' : 'vectorGive')}
      </Button>
    );
  }
  return (
    <div className={classes.editor}>
      <Editor item={item} close={() => setOpen(false)} />
    </div>
  );
}

function Editor({ item, close }: { item: BacklogDetail; close: () => void }) {
  const t = useWords('clauses/vulnerabilities');
  const classify = useCommand(useBacklogApi().classifyBacklogItem, {
    done: ({ asked }) => t(asked ? 'vectorAsked' : 'done.classify'),
    onDone: close,
  });
  const form = useFields(
    { vector: item.ownVector ?? item.vector ?? '', reason: '' },
    classify.fieldErrors,
  );
  const { vector, reason } = form.values;
  const own = vector.trim() === '' || vector.trim() === item.vector ? null : vector.trim();
  // One that does not count may be asked for as it is.
  const unchanged = own === item.ownVector && (own === null || item.ownCounts);
  return (
    <FieldForm
      onSubmit={() => void classify.run({ id: item.id, vector: own, reason })}
      submit={t(own ? 'vectorSet' : 'vectorTakeBack')}
      will={<Live item={item} vector={own ?? ''} />}
      running={classify.running}
      problem={classify.problem}
      disabled={unchanged || reason.trim() === ''}
      onCancel={close}
    >
      <TextInput
        label={t('vector')}
        description={t('vectorHint')}
        placeholder="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
        {...form.text('vector')}
      />
      <Metrics vector={vector} onChange={(next) => form.set('vector', next)} />
      <Textarea
        label={t('reason')}
        description={t('vectorReason')}
        required
        autosize
        minRows={2}
        {...form.text('reason')}
      />
    </FieldForm>
  );
}

interface MetricsProps {
  readonly vector: string;
  readonly onChange: (vector: string) => void;
}

/** The metrics of the base as choices, where the text is a vector of a version whose metrics we name. */
function Metrics({ vector, onChange }: MetricsProps) {
  const t = useWords('clauses/vulnerabilities');
  const found = metricsOf(vector);
  const metrics = found && baseMetrics[found.version];
  if (!found || !metrics) return null;
  return (
    <div className={classes.metrics}>
      {metrics.map(({ name, values }) => (
        <NativeSelect
          key={name}
          size="xs"
          label={t(`metrics.${name}`)}
          value={found.values.get(name) ?? ''}
          data={values.map((value) => ({
            value,
            label: t(
              `metricValues.${values.length === 3 && values[0] === 'H' ? 'impact' : name}.${value}`,
            ),
          }))}
          onChange={(event) => onChange(withMetric(vector, name, event.currentTarget.value))}
        />
      ))}
    </div>
  );
}

/** What the vector comes to in this asset, asked of the server as it is typed. */
function Live({ item, vector }: { item: BacklogDetail; vector: string }) {
  const t = useWords('clauses/vulnerabilities');
  const [settled] = useDebouncedValue(vector, 250);
  const rating = useRead(useBacklogApi().rateBacklogItem, { id: item.id, vector: settled });
  if (rating.error) return <span role="status">{rating.error.detail}</span>;
  if (!rating.data) return null;
  const { score, class: of, dueAt, lowers } = rating.data;
  return (
    <span role="status">
      <ClassMark of={of} score={score} /> · {t('due')} <RelativeTime at={dueAt} />
      {lowers && ` · ${t('vectorLowers')}`}
    </span>
  );
}
