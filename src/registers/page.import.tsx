import { useState } from 'react';
import { ImportWizard } from '../ui/import/ImportWizard.tsx';
import { type ChosenFile, type Mapping, readHead } from '../ui/import/readHead.ts';
import { Link } from '../ui/Link.tsx';
import { Page } from '../ui/Page.tsx';
import { PageHeader } from '../ui/PageHeader.tsx';
import type { Words } from '../ui/words.ts';
import { mappingFor } from './imports/mapping.ts';
import { type PreviewAnswer, previewShown } from './page.preview.ts';

/** A file as the API takes it. */
interface Asked {
  readonly text: string;
  readonly mapping: Record<string, string>;
}

type Counts = Readonly<Record<string, number>>;

interface ImportPageProps {
  /** Words of the register: `title`, and under `import` title, sentence, headers, will, verb, done. */
  readonly t: Words;
  /** The list that the rows come into. */
  readonly list: string;
  readonly fields: readonly string[];
  readonly required: readonly string[];
  readonly label: (field: string) => string;
  readonly preview: (asked: Asked) => Promise<PreviewAnswer>;
  readonly run: (asked: Asked) => Promise<Counts>;
}

/** The rows of a register from a file, whole or not at all. */
export function ImportPage(props: ImportPageProps) {
  const { t, list, fields, required, label } = props;
  const [counts, setCounts] = useState<Counts>({});
  const asked = (file: ChosenFile, mapping: Mapping): Asked => ({
    text: file.text,
    mapping: mappingFor(fields, mapping, readHead(file.text).records[0] ?? []),
  });
  const back = <Link to={list}>{t('title')}</Link>;
  return (
    <Page>
      <PageHeader title={t('import.title')} sentence={t('import.sentence')} above={back} />
      <ImportWizard
        fields={fields.map((id) => ({
          id,
          label: label(id),
          required: required.includes(id),
          alsoNamed: t(`import.headers.${id}`).split('|'),
        }))}
        preview={async (file, mapping) => {
          const answer = await props.preview(asked(file, mapping));
          setCounts(numbersOf(answer));
          return previewShown(answer, label);
        }}
        run={(file, mapping) => props.run(asked(file, mapping))}
        will={() => t('import.will', counts)}
        verb={t('import.verb')}
        result={(done) => (
          <p role="status">
            {t('import.done', { ...done })} {back}
          </p>
        )}
      />
    </Page>
  );
}

function numbersOf(answer: PreviewAnswer): Counts {
  const numbers = Object.entries(answer).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(numbers);
}
