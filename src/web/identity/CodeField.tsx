import { TextInput } from '@mantine/core';
import { useWords } from '../../ui/words.ts';

type CodeFieldProps = {
  value: string;
  onChange: (value: string) => void;
  recovery?: boolean;
};

/** Six digits of an authenticator, or a recovery code. One field: pasting and filling by the browser work. */
export function CodeField({ value, onChange, recovery = false }: CodeFieldProps) {
  const t = useWords('web');
  return (
    <TextInput
      key={recovery ? 'recovery' : 'code'}
      label={recovery ? t('identity.recoveryCode') : t('identity.code')}
      description={recovery ? t('identity.recoveryHint') : t('identity.codeHint')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      inputMode={recovery ? 'text' : 'numeric'}
      autoComplete={recovery ? 'off' : 'one-time-code'}
      spellCheck={false}
      required
      autoFocus
    />
  );
}
