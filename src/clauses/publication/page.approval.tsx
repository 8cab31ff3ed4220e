import { Alert, Button, Group, Skeleton, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { type Ask, AskChoice } from './page.ask.tsx';
import { Changes } from './page.changes.tsx';
import type { FullVersion } from './page.edit.tsx';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;
export type ToJudge = Awaited<ReturnType<Api['readPolicyApproval']>>;

/** A proposal, as the second person judges it: what changes, what is no longer promised, who is asked. */
export function Approval({ full }: { full: FullVersion }) {
  const t = useWords('clauses/publication');
  const judged = useRead(useApi<typeof routes>().readPolicyApproval, { id: full.version.id });
  const mayApprove = useMay('approvePolicy');
  if (judged.error) return <ProblemNotice problem={judged.error} retry={() => judged.refetch()} />;
  if (!judged.data) return <Skeleton height={320} />;
  const waiting = full.version.state === 'proposed';
  return (
    <>
      <Section title={t('versions.changes')}>
        <Changes comparison={judged.data.comparison} />
      </Section>
      {waiting && mayApprove && judged.data.isAuthor && (
        <Alert color="yellow">{t('approve.author')}</Alert>
      )}
      {waiting && mayApprove && !judged.data.isAuthor && (
        <Judgement key={judged.data.digest} full={full} judged={judged.data} />
      )}
    </>
  );
}

function Judgement({ full, judged }: { full: FullVersion; judged: ToJudge }) {
  const t = useWords('clauses/publication');
  const { id, number } = full.version;
  const approve = useCommand(useApi<typeof routes>().approvePolicy, { done: t('approve.done') });
  const [ask, setAsk] = useState<Ask>({ kind: 'everyone' });
  const [typed, setTyped] = useState('');
  const [rejecting, setRejecting] = useState(false);
  const removed = judged.comparison.promises.removed.map((promise) => promise.id);
  const named = typed
    .toUpperCase()
    .split(/[\s,、]+/)
    .filter(Boolean);
  const isNamed =
    removed.length === named.length && removed.every((promise) => named.includes(promise));
  const run = () =>
    approve.run({
      id,
      digest: judged.digest ?? '',
      ask,
      removedPromises: removed.filter((promise) => named.includes(promise)),
    });
  return (
    <Section title={t('approve.title', { number: String(number) })}>
      <AskChoice id={id} judged={judged} ask={ask} change={setAsk} />
      {removed.length > 0 && (
        <Alert color="red" my="md" title={t('approve.removes', { count: removed.length })}>
          <TextInput
            label={t('approve.name', { promises: removed.join(', ') })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
        </Alert>
      )}
      {approve.problem && <ProblemNotice problem={approve.problem} />}
      <p className="kept-will">
        {t(full.version.effectiveOn ? 'approve.willLater' : 'approve.will', {
          number: String(number),
        })}
      </p>
      <Group gap="xs" mt="md">
        <Button onClick={() => void run()} loading={approve.running} disabled={!isNamed}>
          {t('approve.verb', { number: String(number) })}
        </Button>
        <Button variant="default" onClick={() => setRejecting(true)}>
          {t('reject.verb')}
        </Button>
      </Group>
      {rejecting && <Rejection id={id} />}
    </Section>
  );
}

function Rejection({ id }: { id: string }) {
  const t = useWords('clauses/publication');
  const reject = useCommand(useApi<typeof routes>().rejectPolicy, { done: t('reject.done') });
  const [reason, setReason] = useState('');
  return (
    <>
      <Textarea
        mt="md"
        label={t('reject.reason')}
        description={t('reject.reasonHint')}
        required
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {reject.problem && <ProblemNotice problem={reject.problem} />}
      <Button
        mt="sm"
        color="red"
        disabled={reason.trim() === ''}
        loading={reject.running}
        onClick={() => void reject.run({ id, reason })}
      >
        {t('reject.send')}
      </Button>
    </>
  );
}
