import { ok, type Result } from '../../kernel/result.ts';
import type { SettingsCommand, SettingsEvent } from './facts.ts';

/** What the organisation sets about its people's duties. */
export function decideSettings(
  _state: null,
  { settings }: SettingsCommand,
): Result<readonly SettingsEvent[], never> {
  return ok([{ type: 'PeopleSettingsChanged', subject: 'setting/people', body: settings }]);
}
