import { ActionIcon, Button, Checkbox, Group, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { FilesDrop } from '../../ui/import/FilesDrop.tsx';
import { type ChosenFile, readFile } from '../../ui/import/readHead.ts';
import { Link } from '../../ui/Link.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import { auditLimitBytes } from './facts.terms.ts';
import type { SourceItem } from './list.ts';
import classes from './page.module.css';
import type { routes } from './routes.ts';

interface UploadProps {
  readonly source: SourceItem;
  readonly close: () => void;
}

interface Recorded {
  readonly components: number;
  readonly added: number;
  readonly gone: number;
  readonly doubted: number | null;
  readonly notes: readonly string[];
}

/** An audit by hand: lockfiles and bills of materials, several at once. */
export default function AuditUpload({ source, close }: UploadProps) {
  const t = useWords('registers/sources');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [complete, setComplete] = useState(true);
  const [because, setBecause] = useState<string | null>(null);
  const [recorded, setRecorded] = useState<Recorded | null>(null);
  const record = useCommand(useApi<typeof routes>().recordAudit, { onDone: setRecorded });
  // Asked for where the server says that most would be gone, and kept while it is written.
  const asksWhy = because !== null || record.problem?.code === 'mostIsGone';
  if (recorded) return <Outcome source={source} recorded={recorded} close={close} />;
  const add = async (chosen: readonly File[]) => {
    record.reset();
    const read = await Promise.all(chosen.map(readFile));
    setFiles((before) => read.reduce(withFile, before));
  };
  const remove = (name: string) => {
    record.reset();
    setFiles((before) => before.filter((each) => each.name !== name));
  };
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const tooLarge = sizeBytes > auditLimitBytes * 0.95;
  const send = () =>
    record.run({
      id: source.id,
      files: files.map(({ name, text }) => ({ name, text })),
      complete,
      ...(because?.trim() ? { goneBecause: because } : {}),
      way: 'upload',
    });
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('audit.verb')}
      will={tooLarge ? t('audit.tooLarge') : t(complete ? 'audit.will' : 'audit.willPartly')}
      running={record.running}
      problem={record.problem}
      disabled={files.length === 0 || tooLarge}
      onCancel={close}
    >
      <FilesDrop
        several
        label={t('audit.choose')}
        hint={t('audit.drop')}
        onChoose={(chosen) => void add(chosen)}
      />
      {files.length > 0 && <Files files={files} said={record.problem?.detail} remove={remove} />}
      <Checkbox
        label={t('audit.complete')}
        description={t('audit.completeHint')}
        checked={complete}
        onChange={(event) => setComplete(event.currentTarget.checked)}
      />
      {asksWhy && complete && (
        <Textarea
          label={t('doubt.why')}
          description={t('doubt.whyHint')}
          autosize
          minRows={2}
          maxLength={2000}
          value={because ?? ''}
          onChange={(event) => setBecause(event.currentTarget.value)}
        />
      )}
    </FieldForm>
  );
}

/** A lockfile is known by its name, and several folders have one of that name: the second gets a folder of its own. */
function withFile(files: readonly ChosenFile[], file: ChosenFile): readonly ChosenFile[] {
  if (files.some(({ text, sizeBytes }) => text === file.text && sizeBytes === file.sizeBytes))
    return files;
  const taken = files.filter(({ name }) => name.split('/').at(-1) === file.name).length;
  return [...files, taken === 0 ? file : { ...file, name: `${taken + 1}/${file.name}` }];
}

interface FilesProps {
  readonly files: readonly ChosenFile[];
  /** What the server said went wrong; it names the file. */
  readonly said: string | undefined;
  readonly remove: (name: string) => void;
}

function Files({ files, said, remove }: FilesProps) {
  const t = useWords('registers/sources');
  const language = useLanguage();
  return (
    <ul className={classes.files}>
      {files.map(({ name, sizeBytes }) => (
        <li key={name} className={classes.file}>
          <span>{name}</span>
          <span className="kept-soft">{formatBytes(sizeBytes, language)}</span>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('audit.remove', { name })}
            onClick={() => remove(name)}
          >
            <Icon name="close" />
          </ActionIcon>
          {said?.includes(name) && <p className={classes.fault}>{t('audit.fault')}</p>}
        </li>
      ))}
    </ul>
  );
}

function Outcome({ source, recorded, close }: UploadProps & { recorded: Recorded }) {
  const t = useWords('registers/sources');
  const may = useMay('readBacklog');
  const { components, added, gone, doubted, notes } = recorded;
  const counted = { components, added, gone };
  return (
    <>
      <p role="status">
        {t(doubted === null ? 'audit.done' : 'audit.doubted', {
          ...counted,
          doubted: doubted ?? 0,
          notes: notes.length,
        })}
      </p>
      {notes.length > 0 && (
        <ul className={classes.notes}>
          {[...new Set(notes)].map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <Group mt="md" gap="md">
        <Button variant="default" onClick={close}>
          {t('close')}
        </Button>
        {may && <Link to={`/console/backlog?source=${source.key}`}>{t('toBacklog')}</Link>}
      </Group>
    </>
  );
}
