import { Button } from '@mantine/core';
import { lazily } from '../../ui/lazily.tsx';
import type { Edit } from '../../ui/MarkdownEditor.tsx';
import { usePopUp } from '../../ui/popUp.tsx';
import { useWords } from '../../ui/words.ts';
import type { FullVersion } from './page.edit.tsx';
import type { Language } from './page.editor.tsx';

const PromiseMenu = lazily(async () => (await import('./page.promisemenu.tsx')).PromiseMenu);

export type PickerProps = { full: FullVersion; clause: string; language: Language; edit: Edit };

/**
 * Marks the selected words as a promise. Lists what this clause marks in one language only, what
 * Kept upholds and no text makes, and takes an id of the organisation's own.
 */
export function PromisePicker(props: PickerProps) {
  const t = useWords('clauses/publication');
  const { button, panel } = usePopUp('menu');
  return (
    <>
      <Button {...button} variant="light" size="compact-sm">
        {t('picker.verb')}
      </Button>
      {panel && <PromiseMenu {...props} panel={panel} />}
    </>
  );
}
