import { Button, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApiProblem } from './api.ts';
import { ProblemNotice } from './ProblemNotice.tsx';
import { useWords } from './words.ts';

type ConfirmDialogProps = {
  opened: boolean;
  onClose: () => void;
  /** Names the act and the thing: "End the employment of Sato Hanako?" */
  title: string;
  /** What will happen: "Revokes 41 accesses on 12 systems; owners are told now." */
  children?: ReactNode;
  /** The verb on the button: "End employment". Never "OK". */
  verb: string;
  run: () => void;
  running?: boolean;
  danger?: boolean;
  problem?: ApiProblem | undefined;
};

/**
 * Asks once before an act that cannot be undone, with the name of what it befalls.
 *
 * @example
 * <ConfirmDialog opened={asking} onClose={close} danger title={t('end.title', { name })} verb={t('end.verb')}
 *   run={() => end.run({ id }).then(close)} running={end.running} problem={end.problem}>{t('end.what', { count })}</ConfirmDialog>
 */
export function ConfirmDialog({
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
  return (
    <Modal
      opened={opened}
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
