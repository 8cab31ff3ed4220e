import { Modal } from '@mantine/core';
import { Kbd } from '../Kbd.tsx';
import { useWords } from '../words.ts';
import classes from './register.module.css';

const keys = [
  [['j', '↓'], 'keys.next'],
  [['k', '↑'], 'keys.previous'],
  [['Enter'], 'keys.open'],
  [['x'], 'keys.select'],
  [['Esc'], 'keys.escape'],
  [['/'], 'keys.search'],
  [['g', 'G'], 'keys.ends'],
  [['⌘K', 'Ctrl K'], 'keys.everything'],
  [['?'], 'keys.help'],
] as const;

/** The keys of a register. */
export default function KeyHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useWords('ui');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('keys.title')}
      centered
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <dl className={classes.keys}>
        {keys.map(([pressed, does]) => (
          <div key={does}>
            <dt>
              {pressed.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{t(does)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
