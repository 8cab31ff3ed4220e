import { Button, Group, Stepper } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ApiProblem } from '../api.ts';
import { ProblemNotice } from '../ProblemNotice.tsx';
import { useWords } from '../words.ts';
import { ColumnMapper, guessMapping, type ImportField, missingFields } from './ColumnMapper.tsx';
import { FilePicker } from './FilePicker.tsx';
import { ImportPreview, type Preview } from './ImportPreview.tsx';
import { type ChosenFile, type Mapping, readHead } from './readHead.ts';

type ImportWizardProps<Outcome> = {
  fields: readonly ImportField[];
  /** Reads everything on the server and imports nothing. */
  preview: (file: ChosenFile, mapping: Mapping) => Promise<Preview>;
  /** Imports; all or nothing. */
  run: (file: ChosenFile, mapping: Mapping) => Promise<Outcome>;
  /** What came of it: a sentence with links, or a `JobProgress`. */
  result: (outcome: Outcome) => ReactNode;
  /** What will happen, said above the button of the preview. */
  will: (preview: Preview) => ReactNode;
  verb: string;
};

/**
 * File → columns → preview → result. Nothing is imported before the preview was seen, nor while a line cannot be read.
 *
 * @example
 * <ImportWizard fields={[{ id: 'email', label: t('email'), required: true }]} verb={t('import.verb')}
 *   preview={(file, mapping) => api.previewPeople({ text: file.text, mapping })}
 *   run={(file, mapping) => api.importPeople({ text: file.text, mapping })}
 *   will={(preview) => t('import.will', { count: preview.fine })} result={(done) => t('import.done', { count: done.added })} />
 */
export function ImportWizard<Outcome>({ fields, preview, run, result, will, verb }: ImportWizardProps<Outcome>) {
  const t = useWords('ui');
  const [step, setStep] = useState(0);
  const [file, setFile] = useState<ChosenFile | undefined>(undefined);
  const [mapping, setMapping] = useState<Mapping | undefined>(undefined);
  const [seen, setSeen] = useState<Preview | undefined>(undefined);
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined);
  const attempt = useAttempt();

  const choose = (chosen: ChosenFile) => {
    setFile(chosen);
    setMapping(guessMapping(readHead(chosen.text), fields));
    attempt.clear();
    setStep(1);
  };
  const look = () => file && mapping && attempt.go(() => preview(file, mapping), (found) => { setSeen(found); setStep(2); });
  const bring = () => file && mapping && attempt.go(() => run(file, mapping), (came) => { setOutcome(came); setStep(3); });
  const back = () => {
    attempt.clear();
    setStep(step - 1);
  };
  const ready = mapping !== undefined && missingFields(mapping, fields).length === 0;

  return (
    <div style={{ maxWidth: '52rem' }}>
      <Stepper active={step} size="xs" iconSize={24} allowNextStepsSelect={false} mb="lg">
        {['file', 'columns', 'preview', 'result'].map((name) => (
          <Stepper.Step key={name} label={t(`import.${name}`)} disabled />
        ))}
      </Stepper>
      {step === 0 && <FilePicker file={file} onChoose={choose} />}
      {step === 1 && file && mapping && <ColumnMapper head={readHead(file.text)} fields={fields} mapping={mapping} onChange={setMapping} />}
      {step === 2 && seen && <ImportPreview preview={seen} />}
      {step === 3 && outcome !== undefined && result(outcome)}
      {attempt.problem && <ProblemNotice problem={attempt.problem} />}
      {step === 2 && seen && seen.problemCount === 0 && <p className="kept-will">{will(seen)}</p>}
      <Group mt="lg" gap="xs">
        {step === 1 && <Button onClick={look} loading={attempt.running} disabled={!ready}>{t('next')}</Button>}
        {step === 2 && <Button onClick={bring} loading={attempt.running} disabled={seen?.problemCount !== 0}>{verb}</Button>}
        {(step === 1 || step === 2) && <Button variant="default" onClick={back} disabled={attempt.running}>{t('back')}</Button>}
      </Group>
    </div>
  );
}

/** Runs one thing at a time and keeps what went wrong. */
function useAttempt() {
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const go = async <T,>(act: () => Promise<T>, then: (value: T) => void) => {
    setRunning(true);
    setProblem(undefined);
    try {
      then(await act());
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause;
      setProblem(cause);
    } finally {
      setRunning(false);
    }
  };
  return { running, problem, go, clear: () => setProblem(undefined) };
}
