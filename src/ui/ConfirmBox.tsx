import { Button, Group, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ConfirmDialogProps } from './ConfirmDialog.tsx';
import { ProblemNotice } from './ProblemNotice.tsx';
import { useWords } from './words.ts';

/** What {@link ConfirmDialog} shows; only it loads this. */
export function ConfirmBox({
  opened,
  onClose,
  title,
  children,
  verb,
  run,
  running = false,
  danger = false,
  problem,
}: ConfirmDialogProps) {
  const t = useWords('ui');
  // Opened once it stands, so that the focus goes back where it was.
  const [shown, show] = useState(false);
  useEffect(() => show(opened), [opened]);
  return (
    <Modal
      opened={shown}
      onClose={onClose}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {children}
      {problem && <ProblemNotice problem={problem} />}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('cancel')}
        </Button>
        <Button onClick={run} loading={running} {...(danger ? { color: 'red' } : {})}>
          {verb}
        </Button>
      </Group>
    </Modal>
  );
}
