import { isUuid, type PersonId } from '../../kernel/id.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Provisioned } from '../../registers/provisioning/store.users.ts';
import { enterpriseUrn } from './definitions.ts';
import { isComplex, type JsonValue, type Resource } from './schema.ts';

/** What the register of people takes from what a directory says. */
export interface PersonFacts {
  readonly name: string;
  readonly email: string | null;
  readonly department: string;
  readonly managerId: PersonId | null;
  /** Null where the directory does not say. */
  readonly language: 'en' | 'ja' | null;
}

const nameLimit = 200;
const emailLimit = 254;
/** As far as the register needs it: something, an @, a domain. */
const address = /^[^\s@<>"]+@[^\s@<>"]+$/;

export function personFacts(user: Resource): PersonFacts {
  const organised = user[enterpriseUrn];
  const enterprise = isComplex(organised) ? organised : {};
  const manager = enterprise['manager'];
  const managerId = isComplex(manager) ? text(manager['value']).toLowerCase() : '';
  return {
    name: nameOf(user).slice(0, nameLimit),
    email: emailOf(user),
    department: text(enterprise['department']).trim().slice(0, nameLimit),
    managerId: isUuid(managerId) ? managerId : null,
    language: languageOf(user),
  };
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

const familyFirst = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u;

function nameOf(user: Resource): string {
  const name = isComplex(user['name']) ? user['name'] : {};
  const [family, given] = [text(name['familyName']).trim(), text(name['givenName']).trim()];
  const parts = familyFirst.test(family + given) ? [family, given] : [given, family];
  const joined = parts.filter(Boolean).join(' ');
  const names = [text(user['displayName']), text(name['formatted']), joined];
  return names.map((each) => each.trim()).find(Boolean) ?? text(user['userName']).trim();
}

/** The primary address, else the one for work, else the first, else a user name that is one. */
function emailOf(user: Resource): string | null {
  const emails = Array.isArray(user['emails']) ? user['emails'].filter(isComplex) : [];
  const chosen =
    emails.find((each) => each['primary'] === true) ??
    emails.find((each) => text(each['type']).toLowerCase() === 'work') ??
    emails[0];
  const value = chosen ? text(chosen['value']).trim() : text(user['userName']).trim();
  return address.test(value) && value.length <= emailLimit ? value : null;
}

function languageOf(user: Resource): PersonFacts['language'] {
  const said = text(user['preferredLanguage']) || text(user['locale']);
  if (said === '') return null;
  return /^ja\b/i.test(said) ? 'ja' : 'en';
}

/** What is kept of a user beside the register: all that the directory said and may say. */
export function provisionedOf(user: Resource): Provisioned {
  const {
    id: _,
    meta: __,
    groups: ___,
    schemas: ____,
    userName,
    externalId,
    password,
    ...rest
  } = user;
  // A password is taken and forgotten: nobody signs in to Kept with it.
  void password;
  return {
    userName: text(userName),
    externalId: typeof externalId === 'string' ? externalId : null,
    attributes: rest as JsonObject,
  };
}

/** Whether a user is to be able to enter; not said is yes. */
export function wantsActive(user: Resource): boolean {
  return user['active'] !== false;
}
