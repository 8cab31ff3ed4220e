import { useQuery } from '@tanstack/react-query';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useWords } from '../../ui/words.ts';
import { shellApi } from '../shell/shellApi.ts';
import classes from './identity.module.css';
import { useAttempt } from './useAttempt.ts';

/** The people of the sample company; only a demonstration has them. */
export function Personas({ onDone }: { onDone: () => void }) {
  const t = useWords('web');
  const attempt = useAttempt();
  const personas = useQuery({
    queryKey: ['personas'],
    queryFn: () => shellApi.listPersonas({}),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!personas.data || personas.data.items.length === 0) return null;
  const become = (persona: string) =>
    attempt.run(async () => {
      await shellApi.becomePersona({ persona });
      onDone();
    });
  return (
    <section aria-label={t('signIn.personas')}>
      <p>{t('signIn.personas')}</p>
      <ul className={classes.personas}>
        {personas.data.items.map((persona) => (
          <li key={persona.id}>
            <button
              type="button"
              className={classes.persona}
              disabled={attempt.running}
              onClick={() => void become(persona.id)}
            >
              <span>{persona.name}</span>
              <span>{persona.roles.map((role) => t(`role.${role}`)).join(t('listSeparator'))}</span>
            </button>
          </li>
        ))}
      </ul>
      {attempt.problem && <ProblemNotice problem={attempt.problem} />}
      <p>
        {/* Another door than the console's: it loads a page of its own. */}
        <a href="/portal/demo">{t('signIn.samplePortal')}</a>
      </p>
      <p className={classes.or}>{t('signIn.orAccount')}</p>
    </section>
  );
}
