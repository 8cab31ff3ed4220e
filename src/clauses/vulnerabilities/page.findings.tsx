import { Button, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import type { output } from 'zod';
import type { routes as sourceRoutes } from '../../registers/sources/routes.ts';
import { useApi } from '../../ui/api.ts';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { formatBytes } from '../../ui/format.ts';
import { FilesDrop } from '../../ui/import/FilesDrop.tsx';
import { type ChosenFile, readFile } from '../../ui/import/readHead.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useParam } from '../../ui/useParam.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { reportRoutes } from './routes.reports.ts';

type Recorded = output<(typeof reportRoutes)['importFindings']['output']>;
type Extent = 'asSaid' | 'whole' | 'part';

/** Findings of another tool in a source, merged with our own. */
export default function FindingsPage() {
  const t = useWords('clauses/vulnerabilities');
  const key = useParam('key');
  const source = useRead(useApi<typeof sourceRoutes>().showSource, { id: key });
  const [recorded, setRecorded] = useState<Recorded | null>(null);
  if (source.error) return <ProblemNotice problem={source.error} />;
  return (
    <Page>
      <PageHeader
        above={<Link to={`/console/sources/${key}`}>{source.data?.name ?? key}</Link>}
        title={t('findings.title')}
        sentence={t('findings.sentence')}
      />
      {recorded ? (
        <Outcome recorded={recorded} source={key} again={() => setRecorded(null)} />
      ) : (
        <ReportForm source={key} done={setRecorded} />
      )}
    </Page>
  );
}

function ReportForm({ source, done }: { source: string; done: (recorded: Recorded) => void }) {
  const t = useWords('clauses/vulnerabilities');
  const language = useLanguage();
  const [file, setFile] = useState<ChosenFile | null>(null);
  const [extent, setExtent] = useState<Extent>('asSaid');
  const record = useCommand(useApi<typeof reportRoutes>().importFindings, { onDone: done });
  const send = () => {
    if (!file) return;
    const complete = extent === 'asSaid' ? {} : { complete: extent === 'whole' };
    void record.run({ id: source, text: file.text, ...complete });
  };
  const choose = ([chosen]: readonly File[]) => {
    record.reset();
    if (chosen) void readFile(chosen).then(setFile);
  };
  return (
    <FieldForm
      onSubmit={send}
      submit={t('findings.verb')}
      will={t('findings.will')}
      running={record.running}
      problem={record.problem}
      disabled={file === null}
    >
      <FilesDrop
        label={t('findings.choose')}
        hint={
          file
            ? t('findings.chosen', {
                name: file.name,
                size: formatBytes(file.sizeBytes, language),
              })
            : t('findings.drop')
        }
        accept=".json,.sarif,.xml"
        onChoose={choose}
      />
      <Radio.Group
        label={t('findings.extent')}
        value={extent}
        onChange={(value) => setExtent(value as Extent)}
      >
        <Stack gap="xs" mt="xs">
          {(['asSaid', 'whole', 'part'] as const).map((value) => (
            <Radio key={value} value={value} label={t(`findings.extents.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
    </FieldForm>
  );
}

interface OutcomeProps {
  readonly recorded: Recorded;
  readonly source: string;
  readonly again: () => void;
}

function Outcome({ recorded, source, again }: OutcomeProps) {
  const t = useWords('clauses/vulnerabilities');
  const { notes, complete, format: _, sourceId: __, ...counts } = recorded;
  return (
    <>
      <p role="status">
        {t('findings.done', counts)} {t(complete ? 'findings.wasWhole' : 'findings.wasPart')}
      </p>
      {notes.length > 0 && (
        <ul>
          {[...new Set(notes)].map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <p>
        <Link to={`/console/backlog?source=${source}`}>{t('findings.toBacklog')}</Link> ·{' '}
        <Button variant="subtle" size="compact-sm" onClick={again}>
          {t('findings.again')}
        </Button>
      </p>
    </>
  );
}
