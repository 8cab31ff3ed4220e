import { Alert } from '@mantine/core';
import { useWords } from '../../ui/words.ts';
import type { Tested } from './facts.setup.ts';

/** What a test of a connection found, thing by thing: what can be read, and what to grant. */
export function Capabilities({ tested }: { tested: Tested }) {
  const t = useWords('registers/connections');
  if (!tested.works) {
    return (
      <Alert color="red" role="alert" title={t('setup.fails')}>
        <p>{t(`error.${tested.problem}`)}</p>
        {tested.detail && <p className="kept-soft">{tested.detail}</p>}
      </Alert>
    );
  }
  const missing = tested.capabilities.filter(({ able }) => !able);
  return (
    <div role="status">
      <p>{t(missing.length === 0 ? 'setup.works' : 'setup.missing')}</p>
      <ul>
        {tested.capabilities.map(({ aspect, able, permission, message }) => (
          <li key={`${aspect} ${permission}`}>
            <strong>{t(`aspect.${aspect}`)}</strong>: {able && t('setup.able')}
            {!able && permission && t('setup.unable', { permission })}
            {!able && !permission && t('setup.unableOther', { message })}
          </li>
        ))}
      </ul>
    </div>
  );
}
