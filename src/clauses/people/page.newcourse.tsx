import { TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

/** What a new course begins with: the shape that its text must have. */
const beginning = {
  en: '# Title\n\nWhat this course is about.\n\n## First lesson\n\nText of the lesson.\n\n### ? A question\n- [x] The right answer\n- [ ] A wrong answer\n> Why it is right.\n',
  ja: '# 題名\n\nこの研修の内容。\n\n## 最初のレッスン\n\nレッスンの本文。\n\n### ? 問題\n- [x] 正しい答え\n- [ ] 誤った答え\n> 正しい理由。\n',
};

/** Names a new course and opens its editor. */
export default function NewCourse({ done }: { done: () => void }) {
  const t = useWords('clauses/people');
  const navigate = useNavigate();
  const save = useCommand(useApi<typeof routes>().saveCourse);
  const form = useFields({ course: '' }, save.fieldErrors);
  const send = async () => {
    const { course } = form.values;
    const saved = await save.run({ course, texts: beginning, revision: 0 });
    if (saved) await navigate({ to: `/console/courses/${course}` });
  };
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('courses.add')}
      will={t('newCourse.will')}
      running={save.running}
      problem={save.problem}
      onCancel={done}
    >
      <TextInput
        label={t('newCourse.name')}
        description={t('publishing.nameHint')}
        required
        {...form.text('course')}
      />
    </FieldForm>
  );
}
