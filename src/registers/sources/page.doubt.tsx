import { Button } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Section } from '../../ui/Page.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import type { ShownSource } from './page.source.tsx';
import type { routes } from './routes.ts';

interface DoubtProps {
  readonly source: ShownSource;
  readonly doubt: NonNullable<ShownSource['doubt']>;
}

/** An audit after which most would be gone: who said so and why, and the word of a second person. */
export default function Doubt({ source, doubt }: DoubtProps) {
  const t = useWords('registers/sources');
  const may = useMay('confirmAudit');
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  const confirm = useCommand(useApi<typeof routes>().confirmAudit, {
    done: t('doubt.done'),
    onDone: close,
  });
  const { giver, because, missing, auditId, hindrance } = doubt;
  const name = giver?.name ?? t('doubt.byMachine');
  return (
    <Section title={t('doubt.title')}>
      <p>{t('doubt.what', { count: missing })}</p>
      <p>{because ? t('doubt.given', { name, because }) : t('doubt.byKept')}</p>
      {may &&
        (hindrance === null ? (
          <Button variant="default" onClick={() => setAsking(true)}>
            {t('doubt.confirm')}
          </Button>
        ) : (
          <p className="kept-soft">{t(`doubt.${hindrance}`)}</p>
        ))}
      <ConfirmDialog
        opened={asking}
        onClose={close}
        title={t('doubt.of', { name: source.name })}
        verb={t('doubt.confirm')}
        run={() => void confirm.run({ id: source.id, auditId })}
        running={confirm.running}
        problem={confirm.problem}
        danger
      >
        <p>{t('doubt.will', { count: missing })}</p>
      </ConfirmDialog>
    </Section>
  );
}
