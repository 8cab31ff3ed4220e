import { Button, Group, Stepper } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ApiProblem } from '../api.ts';
import { ProblemNotice } from '../ProblemNotice.tsx';
import { useWords } from '../words.ts';
import { ColumnMapper, guessMapping, type ImportField, missingFields } from './ColumnMapper.tsx';
import { FilePicker } from './FilePicker.tsx';
import { ImportPreview, type Preview } from './ImportPreview.tsx';
import classes from './import.module.css';
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
export function ImportWizard<Outcome>(props: ImportWizardProps<Outcome>) {
  const t = useWords('ui');
  const wizard = useWizard(props);
  const { step, file, mapping, seen, outcome, attempt } = wizard;
  return (
    <div className={classes.wizard}>
      <Stepper active={step} size="xs" iconSize={24} allowNextStepsSelect={false} mb="lg">
        {['file', 'columns', 'preview', 'result'].map((name) => (
          <Stepper.Step key={name} label={t(`import.${name}`)} disabled />
        ))}
      </Stepper>
      {step === 0 && <FilePicker file={file} onChoose={wizard.choose} />}
      {step === 1 && file && mapping && (
        <ColumnMapper
          head={readHead(file.text)}
          fields={props.fields}
          mapping={mapping}
          onChange={wizard.setMapping}
        />
      )}
      {step === 2 && seen && <ImportPreview preview={seen} />}
      {step === 3 && outcome !== undefined && props.result(outcome)}
      {attempt.problem && <ProblemNotice problem={attempt.problem} />}
      {step === 2 && seen?.problemCount === 0 && <p className="kept-will">{props.will(seen)}</p>}
      {(step === 1 || step === 2) && <Buttons wizard={wizard} {...props} />}
    </div>
  );
}

type ButtonsProps = { wizard: Wizard; fields: readonly ImportField[]; verb: string };

function Buttons({ wizard, fields, verb }: ButtonsProps) {
  const t = useWords('ui');
  const { step, mapping, seen, attempt } = wizard;
  const ready = mapping !== undefined && missingFields(mapping, fields).length === 0;
  return (
    <Group mt="lg" gap="xs">
      {step === 1 ? (
        <Button onClick={wizard.look} loading={attempt.running} disabled={!ready}>
          {t('next')}
        </Button>
      ) : (
        <Button
          onClick={wizard.bring}
          loading={attempt.running}
          disabled={seen?.problemCount !== 0}
        >
          {verb}
        </Button>
      )}
      <Button variant="default" onClick={wizard.back} disabled={attempt.running}>
        {t('back')}
      </Button>
    </Group>
  );
}

type Wizard = Omit<ReturnType<typeof useWizard<unknown>>, 'outcome'>;

/** Where the import stands: 0 file, 1 columns, 2 preview, 3 result. */
function useWizard<Outcome>({ fields, preview, run }: ImportWizardProps<Outcome>) {
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
  const look = () => {
    if (!file || !mapping) return;
    void attempt.go(async () => {
      setSeen(await preview(file, mapping));
      setStep(2);
    });
  };
  const bring = () => {
    if (!file || !mapping) return;
    void attempt.go(async () => {
      setOutcome(await run(file, mapping));
      setStep(3);
    });
  };
  const back = () => {
    attempt.clear();
    setStep(step - 1);
  };
  return { step, file, mapping, seen, outcome, attempt, choose, setMapping, look, bring, back };
}

/** Runs one thing at a time and keeps what went wrong. */
function useAttempt() {
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const go = async (act: () => Promise<void>) => {
    setRunning(true);
    setProblem(undefined);
    try {
      await act();
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause;
      setProblem(cause);
    } finally {
      setRunning(false);
    }
  };
  return { running, problem, go, clear: () => setProblem(undefined) };
}
