import { Button, FileButton } from '@mantine/core';
import { type DragEvent, useState } from 'react';
import { formatBytes } from '../format.ts';
import { useLanguage, useWords } from '../words.ts';
import classes from './import.module.css';
import { type ChosenFile, readFile } from './readHead.ts';

/** A file by button or by dropping it. */
export function FilePicker({
  file,
  onChoose,
}: {
  file: ChosenFile | undefined;
  onChoose: (file: ChosenFile) => void;
}) {
  const t = useWords('ui');
  const language = useLanguage();
  const [over, setOver] = useState(false);
  const take = (chosen: File | null | undefined) => {
    if (chosen) void readFile(chosen).then(onChoose);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same
    <div
      className={classes.drop}
      data-over={over}
      onDragOver={drag}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileButton onChange={take} accept=".csv,.tsv,.txt,text/csv,text/plain">
        {(props) => <Button {...props}>{t('import.choose')}</Button>}
      </FileButton>
      <p className="kept-soft">
        {file
          ? t('import.chosen', { name: file.name, size: formatBytes(file.sizeBytes, language) })
          : t('import.drop')}
      </p>
    </div>
  );
}
