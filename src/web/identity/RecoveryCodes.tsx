import { Button, Checkbox, CopyButton, Group } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../../ui/words.ts';
import classes from './identity.module.css';

/** Recovery codes, shown once: copy or save them, say so, go on. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const t = useWords('web');
  const u = useWords('ui');
  const [kept, setKept] = useState(false);
  const text = codes.join('\n');
  return (
    <section aria-label={t('identity.recoveryCodes')}>
      <p>{t('identity.recoveryWhy')}</p>
      <ol className={classes.codes}>
        {codes.map((code) => (
          <li key={code} className="kept-code">
            {code}
          </li>
        ))}
      </ol>
      <Group gap="xs" mb="md">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" size="xs" onClick={copy}>
              {copied ? u('copied') : u('copy')}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="default"
          size="xs"
          onClick={() => saveText('kept-recovery-codes.txt', text)}
        >
          {t('identity.saveFile')}
        </Button>
      </Group>
      <Checkbox
        label={t('identity.recoveryKept')}
        checked={kept}
        onChange={(event) => setKept(event.currentTarget.checked)}
        mb="md"
      />
      <Button disabled={!kept} onClick={onKept}>
        {t('identity.continue')}
      </Button>
    </section>
  );
}

/** Hands a text to the browser as a file. */
function saveText(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
