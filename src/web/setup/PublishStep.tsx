import { FieldForm } from '../../ui/FieldForm.tsx';
import { useWords } from '../../ui/words.ts';
import { useAttempt } from '../identity/useAttempt.ts';
import { shellApi } from '../shell/shellApi.ts';

/** Publishes the policy that ships, or leaves it for later. */
export function PublishStep({ onDone }: { onDone: () => void }) {
  const t = useWords('web');
  const attempt = useAttempt();
  const publish = () =>
    attempt.run(async () => {
      await shellApi.publishFirst({});
      onDone();
    });
  return (
    <FieldForm
      submit={t('setUp.publishVerb')}
      will={t('setUp.publishWill')}
      running={attempt.running}
      problem={attempt.problem}
      onSubmit={() => void publish()}
      onCancel={onDone}
      cancel={t('setUp.later')}
    />
  );
}
