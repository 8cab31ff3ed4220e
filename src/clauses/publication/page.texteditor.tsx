import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { MarkdownEditor } from '../../ui/MarkdownEditor.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { FullVersion } from './page.edit.tsx';
import type { Language } from './page.editor.tsx';
import { PromisePicker } from './page.picker.tsx';
import classes from './policy-editor.module.css';
import type { routes } from './routes.ts';

/** Pause after the last key before a text saves itself, and before it is rendered anew. */
const saveAfterMs = 1500;
const previewAfterMs = 400;

type TextEditorProps = {
  full: FullVersion;
  clause: FullVersion['clauses'][number];
  language: Language;
  /** With the preview beside it; two languages side by side leave room for the texts alone. */
  alone: boolean;
};

/** One text of a clause: saves itself, shows how it will look, marks promises. */
export function TextEditor({ full, clause, language, alone }: TextEditorProps) {
  const t = useWords('clauses/publication');
  const stored = clause.texts.find((text) => text.language === language);
  const draft = useDraft(full.version.id, clause.clause, language, stored);
  const [shown] = useDebouncedValue(draft.text, previewAfterMs);
  const api = useApi<typeof routes>();
  const preview = useRead(api.previewPolicyText, { markdown: shown, language }, { skip: !alone });
  const rendered = preview.data && `<h2>${escapeText(preview.data.title)}</h2>${preview.data.html}`;
  return (
    <div className={classes.text} lang={language}>
      <MarkdownEditor
        label={t('edit.text', { language: t(`language.${language}`) })}
        value={draft.text}
        onChange={draft.write}
        rows={alone ? 22 : 26}
        html={alone ? rendered : undefined}
        toolbar={(edit) => (
          <PromisePicker full={full} clause={clause.clause} language={language} edit={edit} />
        )}
      />
      <p className={classes.saved} role="status">
        {t(`edit.saving.${draft.state}`)}
      </p>
      {draft.problem && (
        <>
          <ProblemNotice problem={draft.problem} />
          <Button variant="default" size="compact-sm" mt="xs" onClick={draft.takeTheirs}>
            {t('edit.takeTheirs')}
          </Button>
        </>
      )}
    </div>
  );
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

type Stored = { readonly markdown: string; readonly revision: number } | undefined;

/**
 * A text being written. Saves itself after a pause, naming the revision it was made from; where
 * somebody else saved meanwhile, nothing is overwritten and the writer decides.
 */
function useDraft(id: string, clause: string, language: Language, stored: Stored) {
  const api = useApi<typeof routes>();
  const [text, setText] = useState(stored?.markdown ?? '');
  const revision = useRef(stored?.revision ?? 0);
  const savedText = useRef(stored?.markdown ?? '');
  const save = useCommand(api.savePolicyText, { invalidates: [api.readPolicyVersion] });
  const { run, running, problem, reset } = save;
  const [settled] = useDebouncedValue(text, saveAfterMs);
  useEffect(() => {
    if (settled === savedText.current || settled !== text || problem) return;
    void run({ id, clause, language, markdown: settled, revision: revision.current }).then(
      (answer) => {
        if (!answer) return;
        revision.current = answer.revision;
        savedText.current = settled;
      },
    );
  }, [settled, text, problem, run, id, clause, language]);
  const takeTheirs = () => {
    setText(stored?.markdown ?? '');
    revision.current = stored?.revision ?? 0;
    savedText.current = stored?.markdown ?? '';
    reset();
  };
  const state = problem
    ? 'failed'
    : running
      ? 'running'
      : text === savedText.current
        ? 'saved'
        : 'waiting';
  return { text, write: setText, state, problem, takeTheirs };
}
