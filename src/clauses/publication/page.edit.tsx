import { Button, Group, Skeleton } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatDate } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Page } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay, useReader } from '../../ui/reader.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import { Editor } from './page.editor.tsx';
import type { routes } from './routes.ts';

const Approval = lazily(async () => (await import('./page.approval.tsx')).Approval);
const Propose = lazily(async () => (await import('./page.propose.tsx')).Propose);

type Api = ReturnType<typeof useApi<typeof routes>>;
export type FullVersion = Awaited<ReturnType<Api['readPolicyVersion']>>;

const open = ['draft', 'proposed', 'approved'];

/** Working on the next version: a draft to write, a proposal to judge, an approval to wait for. */
export default function EditPage() {
  const t = useWords('clauses/publication');
  const api = useApi<typeof routes>();
  const versions = useRead(api.listPolicyVersions, { limit: 20 });
  const current = versions.data?.items.find((version) => open.includes(version.state));
  const version = useRead(api.readPolicyVersion, { id: current?.id ?? '' }, { skip: !current });
  const failed = versions.error ?? version.error;
  if (failed) return <ProblemNotice problem={failed} retry={() => versions.refetch()} />;
  if (!versions.data || (current && !version.data)) return <Skeleton height={480} m="xl" />;
  const above = <Link to="/console/policy">{t('policy.title')}</Link>;
  return (
    <Page>
      {version.data && current ? (
        <Work key={version.data.version.id} full={version.data} above={above} />
      ) : (
        <>
          <PageHeader above={above} title={t('edit.title')} />
          <Begin published={versions.data.items.some((each) => each.state === 'published')} />
        </>
      )}
    </Page>
  );
}

function Begin({ published }: { published: boolean }) {
  const t = useWords('clauses/publication');
  const mayEdit = useMay('editPolicy');
  const create = useCommand(useApi<typeof routes>().createPolicyDraft);
  return (
    <EmptyState
      title={t('edit.none')}
      action={
        mayEdit && (
          <Group gap="xs" justify="center">
            {published && (
              <Button
                loading={create.running}
                onClick={() => void create.run({ from: 'published' })}
              >
                {t('edit.fromPublished')}
              </Button>
            )}
            <Button
              variant={published ? 'default' : 'filled'}
              loading={create.running}
              onClick={() => void create.run({ from: 'shipped' })}
            >
              {t('edit.fromShipped')}
            </Button>
          </Group>
        )
      }
    >
      {t('edit.noneWhat')}
      {create.problem && <ProblemNotice problem={create.problem} />}
    </EmptyState>
  );
}

function Work({ full, above }: { full: FullVersion; above: React.ReactNode }) {
  const t = useWords('clauses/publication');
  const { state, number } = full.version;
  const [asking, setAsking] = useState<'propose' | 'discard' | 'withdraw' | 'publish' | null>(null);
  const actions = useActions(state, setAsking);
  const close = () => setAsking(null);
  return (
    <>
      <PageHeader
        above={above}
        title={t('edit.version', { number: String(number) })}
        sentence={useSentence(full)}
        primary={actions.primary}
        others={actions.others}
      />
      {state === 'draft' ? <Editor full={full} /> : <Approval full={full} />}
      {asking === 'propose' && <Propose full={full} close={close} />}
      <Confirmations full={full} asking={asking} close={close} />
    </>
  );
}

type Asking = 'propose' | 'discard' | 'withdraw' | 'publish' | null;

function useActions(
  state: string,
  ask: (what: Asking) => void,
): { primary: Action | undefined; others: Action[] } {
  const t = useWords('clauses/publication');
  const [mayEdit, mayApprove] = [useMay('editPolicy'), useMay('approvePolicy')];
  if (state === 'draft') {
    if (!mayEdit) return { primary: undefined, others: [] };
    return {
      primary: { label: t('propose.verb'), run: () => ask('propose') },
      others: [{ label: t('discard.verb'), run: () => ask('discard'), danger: true }],
    };
  }
  const withdraw = mayEdit ? [{ label: t('withdraw.verb'), run: () => ask('withdraw') }] : [];
  const publish = { label: t('publish.verb'), run: () => ask('publish') };
  return { primary: state === 'approved' && mayApprove ? publish : undefined, others: withdraw };
}

function useSentence({ version, authors }: FullVersion): string {
  const t = useWords('clauses/publication');
  const language = useLanguage();
  const { zone } = useReader();
  const names = authors.map((author) => author.name).join(t('edit.and'));
  const state = t(`state.${version.state}`);
  if (version.state === 'approved' && version.effectiveOn) {
    return t('edit.approvedFrom', {
      date: formatDate(version.effectiveOn, { language, zone }, 'long'),
    });
  }
  return names ? t('edit.by', { state, names }) : state;
}

function Confirmations({
  full,
  asking,
  close,
}: {
  full: FullVersion;
  asking: Asking;
  close: () => void;
}) {
  const t = useWords('clauses/publication');
  const api = useApi<typeof routes>();
  const { id, number } = full.version;
  const commands = {
    discard: useCommand(api.discardPolicyDraft, { done: t('discard.done') }),
    withdraw: useCommand(api.withdrawPolicy, { done: t('withdraw.done') }),
    publish: useCommand(api.publishPolicyNow, { done: t('publish.done') }),
  };
  return (['discard', 'withdraw', 'publish'] as const).map((name) => {
    const command = commands[name];
    const run = async () => {
      if ((await command.run({ id })) !== undefined) close();
    };
    return (
      <ConfirmDialog
        key={name}
        opened={asking === name}
        onClose={close}
        danger={name === 'discard'}
        title={t(`${name}.title`, { number: String(number) })}
        verb={t(`${name}.verb`)}
        run={() => void run()}
        running={command.running}
        problem={command.problem}
      >
        {t(`${name}.what`)}
      </ConfirmDialog>
    );
  });
}
