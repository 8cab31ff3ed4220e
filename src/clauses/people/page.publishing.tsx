import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { MarkdownEditor } from '../../ui/MarkdownEditor.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;
type Document = Awaited<ReturnType<Api['readUndertaking']>>;

const previewAfterMs = 400;

type FormProps = { readonly document?: Document; readonly done: () => void };

/** The form of a version, and its sending. */
function usePublishing({ document, done }: FormProps) {
  const t = useWords('clauses/people');
  const publish = useCommand(useApi<typeof routes>().publishUndertaking, {
    done: t('publishing.done'),
    onDone: done,
  });
  const form = useFields(
    {
      document: document?.document ?? '',
      kind: document?.kind ?? 'undertaking',
      titleEn: document?.titles.en ?? '',
      titleJa: document?.titles.ja ?? '',
      asksAgain: true,
      signDays: (document?.signDays ?? 14) as number | string,
    },
    publish.fieldErrors,
  );
  const [texts, setTexts] = useState({
    en: document?.texts.en ?? '',
    ja: document?.texts.ja ?? '',
  });
  const { values } = form;
  const send = () =>
    publish.run({
      document: values.document,
      kind: values.kind as Document['kind'],
      titles: { en: values.titleEn, ja: values.titleJa },
      texts,
      asksAgain: values.asksAgain,
      signDays: Number(values.signDays),
    });
  return { form, publish, texts, setTexts, send };
}

/** Writes and publishes a version of a document, or the first of a new one. */
export default function PublishForm(props: FormProps) {
  const t = useWords('clauses/people');
  const { form, publish, texts, setTexts, send } = usePublishing(props);
  const { values } = form;
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('publishing.verb')}
      will={t(values.asksAgain ? 'publishing.willAsk' : 'publishing.willNotAsk')}
      running={publish.running}
      problem={publish.problem}
      onCancel={props.done}
    >
      {!props.document && (
        <>
          <TextInput
            label={t('publishing.name')}
            description={t('publishing.nameHint')}
            required
            {...form.text('document')}
          />
          <Select
            label={t('publishing.kind')}
            data={(['undertaking', 'guidance'] as const).map((value) => ({
              value,
              label: t(`kindOne.${value}`),
            }))}
            allowDeselect={false}
            {...form.choice('kind')}
          />
        </>
      )}
      {(['en', 'ja'] as const).map((language) => (
        <TextIn
          key={language}
          language={language}
          title={
            <TextInput
              label={t(`publishing.title.${language}`)}
              required
              mb="sm"
              {...form.text(language === 'en' ? 'titleEn' : 'titleJa')}
            />
          }
          text={texts[language]}
          write={(text) => setTexts((before) => ({ ...before, [language]: text }))}
        />
      ))}
      <NumberInput label={t('publishing.days')} min={0} max={365} {...form.choice('signDays')} />
      {props.document && <Checkbox label={t('publishing.again')} {...form.tick('asksAgain')} />}
    </FieldForm>
  );
}

interface TextProps {
  readonly language: 'en' | 'ja';
  readonly title: ReactNode;
  readonly text: string;
  readonly write: (text: string) => void;
}

function TextIn({ language, title, text, write }: TextProps) {
  const t = useWords('clauses/people');
  const [shown] = useDebouncedValue(text, previewAfterMs);
  const preview = useRead(
    useApi<typeof routes>().previewCourse,
    { markdown: shown, language },
    { skip: shown === '' },
  );
  return (
    <div lang={language}>
      {title}
      <MarkdownEditor
        label={t(`publishing.text.${language}`)}
        value={text}
        onChange={write}
        html={preview.data?.html}
        rows={12}
      />
    </div>
  );
}
