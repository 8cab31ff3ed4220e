import { endOfDay, instantText } from '../../kernel/instant.ts';
import type { FrameView } from './view.ts';

/**
 * security.txt (RFC 9116): where to report vulnerabilities. `Contact` and `Expires` are the fields
 * it must have (sections 2.5.3 and 2.5.5); null while no day of expiry is set, because a file
 * without one is none. Contacts stand in the order in which they are preferred.
 */
export function securityTxt({ settings, url, languages, zone }: FrameView): string | null {
  const { securityTxt: fields } = settings;
  if (!fields.expiresOn) return null;
  const expires = endOfDay(Temporal.PlainDate.from(fields.expiresOn), zone).subtract({
    seconds: 1,
  });
  const lines: readonly (readonly [string, string])[] = [
    ['Contact', `${url}/contact`],
    ['Contact', settings.contactEmail && `mailto:${settings.contactEmail}`],
    ['Expires', instantText(expires).replace('.000Z', 'Z')],
    ['Encryption', fields.encryption],
    ['Acknowledgments', fields.acknowledgments],
    ['Preferred-Languages', languages.join(', ')],
    ['Canonical', `${url}/.well-known/security.txt`],
    ['Policy', settings.website || `${url}/`],
    ['Hiring', fields.hiring],
  ];
  return lines
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}
