import { type ReactNode, useState } from 'react';
import type { ApiProblem } from './api.ts';
import { lazily } from './lazily.tsx';

const ConfirmBox = lazily(async () => (await import('./ConfirmBox.tsx')).ConfirmBox);

export type ConfirmDialogProps = {
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
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [asked, setAsked] = useState(props.opened);
  if (props.opened && !asked) setAsked(true);
  return asked ? <ConfirmBox {...props} /> : null;
}
