import { Button } from '@mantine/core';
import { useState } from 'react';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand } from '../../ui/queries.ts';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useWords } from '../../ui/words.ts';
import { type Probed, type ProviderSettings, type Secret, signInApi } from './page.api.ts';
import classes from './page.module.css';

interface ProbeProps {
  /** What stands in the form now, saved or not. */
  readonly draft: () => { readonly settings: ProviderSettings; readonly secret: Secret | null };
}

const marks = { found: 'kept', without: 'due', missing: 'broken' } as const;

/** Asks the provider what it says of itself, and shows what signing in would miss. */
export function Probe({ draft }: ProbeProps) {
  const t = useWords('registers/identity');
  const probe = useCommand(signInApi.testSignInProvider, { invalidates: [] });
  const [found, setFound] = useState<readonly Probed[] | undefined>(undefined);
  const run = async () => {
    setFound(undefined);
    const answer = await probe.run(draft());
    setFound(answer?.items);
  };
  return (
    <Section title={t('probe.title')}>
      <p className="kept-soft">{t('probe.what')}</p>
      <Button variant="default" loading={probe.running} onClick={() => void run()}>
        {t('probe.verb')}
      </Button>
      {probe.problem && <ProblemNotice problem={probe.problem} />}
      <div aria-live="polite">
        {found && (
          <ul className={classes.found}>
            {found.map((each) => (
              <ProbeLine key={each.about} probed={each} />
            ))}
          </ul>
        )}
      </div>
    </Section>
  );
}

function ProbeLine({ probed: { about, state, found } }: { probed: Probed }) {
  const t = useWords('registers/identity');
  return (
    <li>
      <StatusMark status={marks[state]}>{t(`probed.${about}`)}</StatusMark>
      <span>
        {t(`probed.${about}_${state}`)} {found && <code className="kept-code">{found}</code>}
      </span>
    </li>
  );
}
