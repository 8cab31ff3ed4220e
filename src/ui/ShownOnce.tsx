import { Button, CopyButton, Group } from '@mantine/core';
import { useWords } from './words.ts';

/**
 * A secret that is shown now and never again, to be copied.
 *
 * @param says what the reader must do with it
 */
export function ShownOnce({
  says,
  secret,
  onClose,
}: {
  says: string;
  secret: string;
  onClose: () => void;
}) {
  const t = useWords('ui');
  return (
    <>
      <p>{says}</p>
      <p className="kept-code">{secret}</p>
      <Group gap="xs">
        <CopyButton value={secret}>
          {({ copied, copy }) => <Button onClick={copy}>{copied ? t('copied') : t('copy')}</Button>}
        </CopyButton>
        <Button variant="default" onClick={onClose}>
          {t('close')}
        </Button>
      </Group>
    </>
  );
}
