import { useTranslation } from 'react-i18next';
import { Link } from '../../ui/Link.tsx';
import { useLanguage } from '../../ui/words.ts';

/** Of a task, what its sentence needs. */
export interface Sentenced {
  readonly kind: string;
  readonly detail: Readonly<Record<string, string | number>>;
  readonly path: string;
}

/** What is to be done, in the words of the clause that asks for it, linked to where it is done. */
export function TaskSentence({ task }: { task: Sentenced }) {
  const sentence = useTaskSentence()(task);
  return task.path ? <Link to={task.path}>{sentence}</Link> : <span>{sentence}</span>;
}

/**
 * The sentence of a task: `task.<kind>` in its clause’s words; the kind itself where there is none.
 * What a thing is called in each language (`en`, `ja` of the detail) is its `title` in the sentence.
 */
export function useTaskSentence(): (task: Sentenced) => string {
  const { i18n } = useTranslation('everywhere');
  const language = useLanguage();
  return ({ kind, detail }) => {
    const clause = kind.split('.')[0] ?? '';
    const key = [`clauses/${clause}`, `registers/${clause}`]
      .map((room) => `${room}.task.${kind}`)
      .find((each) => i18n.exists(each, { ns: 'everywhere' }));
    return key ? i18n.t(key, { ns: 'everywhere', title: detail[language], ...detail }) : kind;
  };
}
