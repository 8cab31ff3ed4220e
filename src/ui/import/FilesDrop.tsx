import { Button, FileButton } from '@mantine/core';
import { type DragEvent, useState } from 'react';
import classes from './import.module.css';

interface FilesDropProps {
  /** The word on the button. */
  readonly label: string;
  /** What may be brought, as one sentence. */
  readonly hint: string;
  readonly onChoose: (files: readonly File[]) => void;
  /** As `accept` of a file field; everything, where nothing is said. */
  readonly accept?: string;
  readonly several?: boolean;
}

/**
 * Files by button or by dropping them.
 *
 * @example <FilesDrop several label={t('choose')} hint={t('dropHint')} onChoose={(files) => add(files)} />
 */
export function FilesDrop({ label, hint, onChoose, accept, several = false }: FilesDropProps) {
  const [over, setOver] = useState(false);
  const take = (files: readonly File[]) => {
    if (files.length > 0) onChoose(several ? files : files.slice(0, 1));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take([...event.dataTransfer.files]);
  };
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  const kinds = accept === undefined ? {} : { accept };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same
    <div
      className={classes.drop}
      data-over={over}
      onDragOver={drag}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {several ? (
        <FileButton multiple onChange={take} {...kinds}>
          {(props) => <Button {...props}>{label}</Button>}
        </FileButton>
      ) : (
        <FileButton onChange={(file) => take(file ? [file] : [])} {...kinds}>
          {(props) => <Button {...props}>{label}</Button>}
        </FileButton>
      )}
      <p className="kept-soft">{hint}</p>
    </div>
  );
}
