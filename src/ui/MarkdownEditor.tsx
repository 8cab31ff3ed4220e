import { Button, SegmentedControl } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';
import classes from './markdown.module.css';
import { useWords } from './words.ts';

/** Ways to change the text where the caret stands; handed to the toolbar slot. */
export type Edit = {
  /** Replaces the selection and leaves the caret behind what was put in. */
  readonly insert: (text: string) => void;
  /** Puts marks around the selection, e.g. `**`. */
  readonly wrap: (before: string, after?: string) => void;
  /** Puts a mark before each selected line, e.g. `- `. */
  readonly prefix: (mark: string) => void;
  readonly selected: () => string;
};

type MarkdownEditorProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Preview as rendered and sanitised by the server; never made of text in the browser. */
  html?: string | undefined;
  /** More buttons: a promise picker, a template. */
  toolbar?: (edit: Edit) => ReactNode;
  /** Rows of the text field. Default 24. */
  rows?: number;
};

/** ⌘B, ⌘I and ⌘K do what they do everywhere; every other key is the field's own. */
function pressed(event: KeyboardEvent, edit: Edit): void {
  const keys: Record<string, () => void> = {
    b: () => edit.wrap('**'),
    i: () => edit.wrap('*'),
    k: () => edit.wrap('[', '](https://)'),
  };
  const act = event.metaKey || event.ctrlKey ? keys[event.key.toLowerCase()] : undefined;
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

/**
 * Markdown: the text on the left, how it will look on the right; one after the other on narrow screens.
 * Tab leaves the field, as in every form.
 *
 * @example
 * <MarkdownEditor label={t('text')} value={text} onChange={setText} html={preview.data?.html}
 *   toolbar={(edit) => <Button size="compact-sm" onClick={() => edit.wrap(':promise[', ']{#ACC-5}')}>{t('promise')}</Button>} />
 */
export function MarkdownEditor({
  label,
  value,
  onChange,
  html,
  toolbar,
  rows = 24,
}: MarkdownEditorProps) {
  const t = useWords('ui');
  const [side, setSide] = useState<'text' | 'preview'>('text');
  const field = useRef<HTMLTextAreaElement>(null);
  const hint = useId();
  const edit = editOf(field, onChange);
  return (
    <div className={classes.editor} data-side={side}>
      <div className={classes.toolbar} role="toolbar" aria-label={label}>
        <Tool label={t('markdown.heading')} act={() => edit.prefix('## ')} />
        <Tool label={t('markdown.bold')} act={() => edit.wrap('**')} />
        <Tool label={t('markdown.italic')} act={() => edit.wrap('*')} />
        <Tool label={t('markdown.list')} act={() => edit.prefix('- ')} />
        <Tool label={t('markdown.link')} act={() => edit.wrap('[', '](https://)')} />
        {toolbar?.(edit)}
        <SegmentedControl
          className={classes.sides ?? ''}
          size="xs"
          value={side}
          onChange={(next) => setSide(next as 'text' | 'preview')}
          data={[
            { value: 'text', label: t('markdown.text') },
            { value: 'preview', label: t('markdown.preview') },
          ]}
        />
      </div>
      <div className={classes.halves}>
        <textarea
          ref={field}
          className={classes.text}
          aria-label={label}
          aria-describedby={hint}
          value={value}
          rows={rows}
          spellCheck
          onChange={(event) => onChange(event.currentTarget.value)}
          onKeyDown={(event) => pressed(event, edit)}
        />
        <section
          className={`${classes.preview} kept-document`}
          aria-label={t('markdown.preview')}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          tabIndex={0}
        >
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised by the server, and the CSP runs no script of it */}
          <div dangerouslySetInnerHTML={{ __html: html ?? '' }} />
        </section>
      </div>
      <p id={hint} className={classes.hint}>
        {t('markdown.tabHint')}
      </p>
    </div>
  );
}

function Tool({ label, act }: { label: string; act: () => void }) {
  return (
    <Button variant="subtle" color="gray" size="compact-sm" onClick={act}>
      {label}
    </Button>
  );
}

/** Changes go through the field's own selection, so that undo of the browser keeps working where it can. */
function editOf(
  field: { readonly current: HTMLTextAreaElement | null },
  onChange: (value: string) => void,
): Edit {
  const replace = (make: (selected: string) => { text: string; select?: [number, number] }) => {
    const area = field.current;
    if (!area) return;
    const { selectionStart: start, selectionEnd: end, value } = area;
    const { text, select } = make(value.slice(start, end));
    area.focus();
    area.setRangeText(text, start, end, 'end');
    if (select) area.setSelectionRange(start + select[0], start + select[1]);
    onChange(area.value);
  };
  return {
    insert: (text) => replace(() => ({ text })),
    wrap: (before, after = before) =>
      replace((selected) => ({
        text: before + selected + after,
        select: [before.length, before.length + selected.length],
      })),
    prefix: (mark) =>
      replace((selected) => ({
        text: selected
          .split('\n')
          .map((line) => mark + line)
          .join('\n'),
      })),
    selected: () =>
      field.current?.value.slice(field.current.selectionStart, field.current.selectionEnd) ?? '',
  };
}
