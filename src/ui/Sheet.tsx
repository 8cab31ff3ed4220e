import { ActionIcon, Portal } from '@mantine/core';
import { useFocusReturn, useFocusTrap, useMergedRef } from '@mantine/hooks';
import {
  createContext,
  type KeyboardEvent,
  type ReactNode,
  useContext,
  useId,
  useRef,
} from 'react';
import { Icon } from './icons.tsx';
import { type Action, Actions } from './PageHeader.tsx';
import classes from './sheet.module.css';
import { useWords } from './words.ts';

const TitleId = createContext<string | undefined>(undefined);

type SheetProps = {
  opened: boolean;
  onClose: () => void;
  /** Spoken name until a {@link SheetHeader} inside gives the title. */
  label: string;
  children: ReactNode;
};

/**
 * A panel on the right over what was there, full screen on phones. Esc closes, focus stays inside and returns.
 * On wide screens the list behind can still be clicked, to walk from row to row.
 * Keep `opened` in the address: `const [open, setOpen] = useAddressValue('open')`.
 *
 * @example
 * <Sheet opened={open !== undefined} onClose={() => setOpen(undefined)} label={t('person')}>
 *   <PersonSheet id={open} />   // renders <SheetHeader title={person.name} … /> first
 * </Sheet>
 */
export function Sheet(props: SheetProps) {
  return props.opened ? <OpenSheet {...props} /> : null;
}

function OpenSheet({ onClose, label, children }: SheetProps) {
  const t = useWords('ui');
  const titleId = useId();
  const panel = useRef<HTMLElement>(null);
  const ref = useMergedRef(panel, useFocusTrap(true));
  useFocusReturn({ opened: true, shouldReturnFocus: true });

  const closeOnEscape = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    // Dialogs and menus opened from here stand elsewhere in the document but bubble through React's tree.
    if (event.key !== 'Escape' || event.defaultPrevented || !panel.current?.contains(target))
      return;
    if (target.getAttribute('aria-expanded') === 'true') return;
    event.nativeEvent.stopImmediatePropagation();
    event.stopPropagation();
    onClose();
  };

  return (
    <Portal>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape and the button close it by keyboard */}
      <div role="presentation" className={classes.scrim} onMouseDown={onClose} />
      <section
        ref={ref}
        className={classes.sheet}
        role="dialog"
        aria-modal="true"
        aria-label={label}
        aria-labelledby={titleId}
        data-sheet
        tabIndex={-1}
        onKeyDown={closeOnEscape}
      >
        <div className={classes.bar}>
          <ActionIcon
            onClick={onClose}
            aria-label={t('close')}
            title={`${t('close')} (Esc)`}
            data-autofocus
          >
            <Icon name="close" />
          </ActionIcon>
        </div>
        <div className={classes.body}>
          <TitleId value={titleId}>{children}</TitleId>
        </div>
      </section>
    </Portal>
  );
}

type SheetHeaderProps = {
  title: string;
  sentence?: ReactNode;
  primary?: Action | undefined;
  others?: readonly Action[];
};

/** Title, one sentence and actions at the head of a sheet. */
export function SheetHeader({ title, sentence, primary, others }: SheetHeaderProps) {
  const titleId = useContext(TitleId);
  return (
    <div className={classes.header}>
      <h2 id={titleId}>{title}</h2>
      {sentence && <p>{sentence}</p>}
      <Actions primary={primary} others={others} />
    </div>
  );
}
