import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { SourceItem } from './list.ts';
import type { routes } from './routes.ts';

interface EndProps {
  readonly act: 'retire' | 'restore';
  readonly source: SourceItem;
  readonly close: () => void;
}

/** Retires a source or takes it back, once it was said what that does. */
export default function EndDialog({ act, source, close }: EndProps) {
  const t = useWords('registers/sources');
  const api = useApi<typeof routes>();
  const how = { done: t(`${act}.done`), onDone: close };
  const retire = useCommand(api.retireSource, how);
  const restore = useCommand(api.restoreSource, how);
  const command = act === 'retire' ? retire : restore;
  return (
    <ConfirmDialog
      opened
      onClose={close}
      title={t(`${act}.of`, { name: source.name })}
      verb={t(`${act}.verb`)}
      run={() => void command.run({ id: source.id })}
      running={command.running}
      problem={command.problem}
      danger={act === 'retire'}
    >
      <p>{t(`${act}.what`)}</p>
    </ConfirmDialog>
  );
}
