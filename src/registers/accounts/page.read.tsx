import { Button, Checkbox, Group } from '@mantine/core';
import { useState } from 'react';
import { ApiProblem, useApi } from '../../ui/api.ts';
import { ColumnMapper, guessMapping, missingFields } from '../../ui/import/ColumnMapper.tsx';
import { FilePicker } from '../../ui/import/FilePicker.tsx';
import { ImportPreview } from '../../ui/import/ImportPreview.tsx';
import { type ChosenFile, type Mapping, readHead } from '../../ui/import/readHead.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import { mappingFor } from '../imports/mapping.ts';
import { plainHeader, shapeOf } from '../imports/shape.ts';
import { previewShown } from '../page.preview.ts';
import type { routes } from './routes.ts';

const fieldNames = ['account', 'entitlement', 'email', 'kind', 'privileged'] as const;

type Api = ReturnType<typeof useApi<typeof routes>>;
type PreviewOfRead = Awaited<ReturnType<Api['previewRead']>>;
type Recorded = Awaited<ReturnType<Api['recordRead']>>;

/** A list of accounts and what they hold, brought as a file: one reading of a system. */
export default function RecordReadPage() {
  const t = useWords('registers/accounts');
  const system = useParam('key');
  const flow = useReading(system);
  const { file, mapping, preview, recorded } = flow;
  return (
    <Page>
      <PageHeader
        title={t('read.title')}
        sentence={t('read.sentence')}
        above={<Link to={`/console/systems/${system}`}>{system}</Link>}
      />
      {!recorded && <FilePicker file={file} onChoose={flow.choose} />}
      {file && mapping && !preview && !recorded && (
        <ColumnMapper
          head={readHead(file.text)}
          fields={flow.fields}
          mapping={mapping}
          onChange={flow.setMapping}
        />
      )}
      {file && !recorded && (
        <Checkbox
          mt="md"
          label={t('read.complete')}
          description={t('read.completeHint')}
          checked={flow.complete}
          onChange={(event) => flow.setComplete(event.currentTarget.checked)}
        />
      )}
      {preview && !recorded && <Found preview={preview} />}
      {flow.problem && <ProblemNotice problem={flow.problem} />}
      {recorded && <Outcome recorded={recorded} system={system} />}
      {file && !recorded && (
        <Group mt="lg" gap="xs">
          {preview?.problemCount === 0 ? (
            <Button onClick={flow.record} loading={flow.running}>
              {t('read.verb')}
            </Button>
          ) : (
            <Button onClick={flow.look} loading={flow.running} disabled={!flow.ready}>
              {t('read.look')}
            </Button>
          )}
        </Group>
      )}
    </Page>
  );
}

/** What was chosen so far, and the two calls: look, then record. */
function useReading(system: string) {
  const t = useWords('registers/accounts');
  const api = useApi<typeof routes>();
  const [file, setFile] = useState<ChosenFile>();
  const [mapping, setMapping] = useState<Mapping>();
  const [complete, setComplete] = useState(true);
  const [preview, setPreview] = useState<PreviewOfRead>();
  const [recorded, setRecorded] = useState<Recorded>();
  const [problem, setProblem] = useState<ApiProblem>();
  const [running, setRunning] = useState(false);
  const fields = fieldNames.map((id) => ({
    id,
    label: t(`field.${id}`),
    required: id === 'account' || id === 'entitlement',
    alsoNamed: t(`headers.${id}`).split('|'),
  }));
  const choose = (chosen: ChosenFile) => {
    setFile(chosen);
    const names = fields.flatMap(({ id, label, alsoNamed }) => [id, label, ...alsoNamed]);
    const headers = new Set(names.map(plainHeader));
    const shape = shapeOf(chosen.text, (name) => headers.has(plainHeader(name)));
    setMapping(shape === 'table' ? guessMapping(readHead(chosen.text), fields) : undefined);
    setPreview(undefined);
    setProblem(undefined);
  };
  const asked = () => {
    const source = (file?.name ?? '').slice(0, 100);
    const base = { system, source, complete, text: file?.text ?? '' };
    // The server tells by the same line, and says so where nobody can.
    if (!mapping) return base;
    const header = readHead(base.text).records[0] ?? [];
    return { ...base, format: 'csv' as const, mapping: mappingFor(fieldNames, mapping, header) };
  };
  const attempt = async <T,>(act: () => Promise<T>, then: (value: T) => void) => {
    setRunning(true);
    setProblem(undefined);
    try {
      then(await act());
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause;
      setProblem(cause);
    } finally {
      setRunning(false);
    }
  };
  return {
    file,
    mapping,
    complete,
    preview,
    recorded,
    problem,
    running,
    fields,
    choose,
    setMapping,
    setComplete: (value: boolean) => {
      setComplete(value);
      setPreview(undefined);
    },
    ready: !mapping || missingFields(mapping, fields).length === 0,
    look: () => void attempt(() => api.previewRead(asked()), setPreview),
    record: () => void attempt(() => api.recordRead(asked()), setRecorded),
  };
}

function Found({ preview }: { preview: PreviewOfRead }) {
  const t = useWords('registers/accounts');
  // Lines of pairs have no header of their own: their columns are called what they are.
  const label = (name: string) =>
    fieldNames.some((field) => field === name) ? t(`field.${name}`) : name;
  const rows = preview.rows.map((cells) => ({
    values: Object.fromEntries(preview.header.map((name, at) => [name, cells[at]])),
  }));
  const byHeader = Object.fromEntries(preview.header.map((name) => [name, name]));
  const shown = previewShown({ ...preview, rows, mapping: byHeader }, (name) => label(name));
  const { pairs, accounts, newAccounts, added, gone, duplicates } = preview;
  return (
    <>
      <ImportPreview preview={shown} />
      {preview.problemCount === 0 && (
        <p className="kept-will">
          {t('read.will', { pairs, accounts, newAccounts, added, gone, duplicates })}
        </p>
      )}
    </>
  );
}

function Outcome({ recorded, system }: { recorded: Recorded; system: string }) {
  const t = useWords('registers/accounts');
  const { pairs, added, gone } = recorded;
  return (
    <p role="status">
      {t('read.done', { pairs, added, gone })}{' '}
      <Link to={`/console/access?system=${system}`}>{t('read.see')}</Link>
    </p>
  );
}
