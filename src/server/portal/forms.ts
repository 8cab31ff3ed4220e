import type { Context } from 'hono';
import { type Html, html } from '../public/html.ts';

/** Fields of a form as they were sent: the first value of each. */
export type Fields = Readonly<Record<string, string>>;

/** Some pages of text; a record may be edited that has a megabyte. */
export const formLimitBytes = 4 * 1024 * 1024;

/** The fields of a form, with all values of those that may be ticked more than once. */
export async function fieldsOf(
  c: Context,
): Promise<{ readonly fields: Fields; readonly all: (name: string) => readonly string[] }> {
  const text = await c.req.text();
  const params = new URLSearchParams(text);
  const fields: Record<string, string> = {};
  for (const [name, value] of params) fields[name] ??= value;
  return { fields, all: (name) => params.getAll(name) };
}

/** The hidden field that each form of a session carries. */
export function tokenField(token: string): Html {
  return html`<input type="hidden" name="token" value="${token}">`;
}

interface FieldLook {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | null;
  readonly value?: string;
  readonly type?: 'text' | 'email' | 'search';
  readonly required?: boolean;
  readonly autocomplete?: string;
  readonly maxLength?: number;
}

/** A line to be typed, with its label, hint and what is wrong with it. */
export function textField(field: FieldLook): Html {
  const { name, label, hint, error, value = '', type = 'text', maxLength = 300 } = field;
  return labelled(
    { name, label, hint, error },
    html`<input id="${name}" name="${name}" type="${type}" maxlength="${maxLength}" value="${value}" autocomplete="${field.autocomplete ?? 'off'}"${field.required ? html` required` : null}${described({ name, hint, error })}>`,
  );
}

export function areaField(field: FieldLook & { readonly rows: number }): Html {
  const { name, label, hint, error, value = '', rows, maxLength } = field;
  return labelled(
    { name, label, hint, error },
    // The first line break after the tag is not part of the value (HTML, section 13.1.2.5).
    html`<textarea id="${name}" name="${name}" rows="${rows}" spellcheck="false"${maxLength ? html` maxlength="${maxLength}"` : null}${field.required ? html` required` : null}${described({ name, hint, error })}>
${value}</textarea>`,
  );
}

export function choiceField(
  field: Pick<FieldLook, 'name' | 'label' | 'hint' | 'value'>,
  choices: readonly (readonly [string, string])[],
): Html {
  const { name, label, hint, value } = field;
  const options = choices.map(
    ([key, text]) =>
      html`<option value="${key}"${key === value ? html` selected` : null}>${text}</option>`,
  );
  return labelled(
    { name, label, hint },
    html`<select id="${name}" name="${name}"${described({ name, hint })}>${options}</select>`,
  );
}

type Around = {
  readonly name: string;
  readonly label?: string;
  readonly hint?: string | undefined;
  readonly error?: string | null | undefined;
};

function labelled({ name, label = '', hint, error }: Around, input: Html): Html {
  return html`<div class="field"><label for="${name}">${label}</label>
${hint ? html`<span class="hint" id="${name}-hint">${hint}</span>` : null}
${input}${error ? html`<span class="error" id="${name}-error">${error}</span>` : null}</div>`;
}

function described({ name, hint, error }: Around): Html | null {
  const ids = [hint ? `${name}-hint` : '', error ? `${name}-error` : ''].filter(Boolean).join(' ');
  if (!ids) return null;
  return html` aria-describedby="${ids}"${error ? html` aria-invalid="true"` : null}`;
}
