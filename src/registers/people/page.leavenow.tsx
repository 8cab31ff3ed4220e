import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { LeaveRoutes } from './facts.leaving.ts';
import type { PersonItem } from './list.ts';

type LeaveNowProps = { person: PersonItem; close: () => void };

/** The button: employment ends and all access is taken, now. */
export function LeaveNow({ person, close }: LeaveNowProps) {
  const t = useWords('registers/people');
  const leave = useCommand(useApi<LeaveRoutes>().endAccess, {
    done: t('leave.done'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened
      onClose={close}
      title={t('leave.of', { name: person.name })}
      verb={t('leave.verb')}
      run={() => void leave.run({ id: person.id })}
      running={leave.running}
      problem={leave.problem}
      danger
    >
      <p>{t('leave.what')}</p>
    </ConfirmDialog>
  );
}
