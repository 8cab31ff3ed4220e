import { Button, Progress, Radio, Stack, TagsInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { formatBytes } from '../../ui/format.ts';
import { FilesDrop } from '../../ui/import/FilesDrop.tsx';
import { type Sent, useUpload } from '../../ui/upload.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { ImportKind } from './facts.ts';
import { offeredEcosystems } from './page.ecosystems.ts';

const kinds: readonly ImportKind[] = ['osv', 'kev', 'epss'];

/** A file of advisories, where no network leads to them: sent as it is, then imported beside the request. */
export default function TakeIn({ close }: { close: () => void }) {
  const t = useWords('registers/advisories');
  const language = useLanguage();
  const navigate = useNavigate();
  const [kind, setKind] = useState<ImportKind>('osv');
  const [covers, setCovers] = useState<string[]>([]);
  const [file, setFile] = useState<File | null>(null);
  const upload = useUpload<{ importId: string }>();
  const send = async () => {
    if (!file) return;
    const query = new URLSearchParams({ name: file.name.slice(0, 200) });
    if (kind === 'osv' && covers.length > 0) query.set('covers', covers.join(','));
    const done = await upload.send(`/advisory-imports/${kind}?${query}`, file);
    if (!done) return;
    close();
    await navigate({
      to: '/console/advisory-imports',
      search: { open: done.importId } as never,
    });
  };
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('takeIn.verb')}
      will={t('takeIn.will')}
      running={upload.sent !== undefined}
      problem={upload.problem}
      disabled={file === null}
      {...(upload.sent ? {} : { onCancel: close })}
    >
      <Radio.Group
        label={t('kind')}
        value={kind}
        onChange={(value) => setKind(value as ImportKind)}
      >
        <Stack gap="xs" mt="xs">
          {kinds.map((value) => (
            <Radio
              key={value}
              value={value}
              label={t(`feeds.${value}.name`)}
              description={t(`feeds.${value}.file`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      <FilesDrop
        label={t('takeIn.choose')}
        hint={
          file
            ? t('takeIn.chosen', { name: file.name, size: formatBytes(file.size, language) })
            : t('takeIn.drop')
        }
        onChoose={([chosen]) => setFile(chosen ?? null)}
      />
      {kind === 'osv' && (
        <TagsInput
          label={t('takeIn.covers')}
          description={t('takeIn.coversHint')}
          data={[...offeredEcosystems]}
          value={covers}
          onChange={setCovers}
        />
      )}
      {upload.sent && <Sending sent={upload.sent} cancel={upload.cancel} />}
    </FieldForm>
  );
}

function Sending({ sent, cancel }: { sent: Sent; cancel: () => void }) {
  const t = useWords('registers/advisories');
  const language = useLanguage();
  const text =
    sent.share >= 1
      ? t('takeIn.checking')
      : t('takeIn.sent', { size: formatBytes(sent.bytes, language) });
  return (
    <div aria-live="polite">
      <Progress value={sent.share * 100} size="sm" aria-label={text} />
      <p className="kept-soft">{text}</p>
      <Button variant="default" size="compact-sm" onClick={cancel}>
        {t('takeIn.cancel')}
      </Button>
    </div>
  );
}
