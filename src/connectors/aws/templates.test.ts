import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  actingActions,
  organisationActingActions,
  organisationActions,
  readingActions,
} from './permissions.ts';

const folder = join(import.meta.dirname, '../../../docs/connectors/aws');
const readerActions = [...Object.keys(readingActions), ...Object.keys(organisationActions)];
const actorActions = [...Object.values(actingActions).flat(), ...organisationActingActions];

/** Actions that a template grants, whatever its language: those it lets be assumed left out. */
function granted(path: string): readonly string[] {
  const text = readFileSync(join(folder, path), 'utf8');
  const named = text.matchAll(/^\s*(?:- |")([a-z]+:[A-Za-z*]+)"?,?$/gm);
  return [...new Set([...named].map(([, action = '']) => action))].sort();
}

describe('the roles that the templates make', () => {
  test.each(['kept-reader.yaml', 'terraform/reader/main.tf'])(
    '%s grants exactly what a reading asks for, and all of it reads',
    (path) => {
      expect(granted(path)).toEqual(readerActions.toSorted());
      // Reports are made by IAM for the reader; nothing else changes.
      expect(granted(path).filter((action) => !/:(Get|List|Describe)/.test(action))).toEqual([
        'iam:GenerateCredentialReport',
        'iam:GenerateServiceLastAccessedDetails',
      ]);
    },
  );

  test.each(['kept-actor.yaml', 'terraform/actor/main.tf'])(
    '%s grants exactly what orders need, and all of it takes away',
    (path) => {
      expect(granted(path)).toEqual([...new Set(actorActions)].sort());
      const changing = granted(path).filter((action) => !/:(Get|List|Describe)/.test(action));
      expect(changing.filter((action) => !/:(Delete|Detach|Remove)/.test(action))).toEqual([
        'iam:UpdateAccessKey',
      ]);
    },
  );

  test.each([
    'kept-reader.yaml',
    'kept-actor.yaml',
    'terraform/reader/main.tf',
    'terraform/actor/main.tf',
  ])('%s can be assumed with the external id only', (path) => {
    expect(readFileSync(join(folder, path), 'utf8')).toContain('sts:ExternalId');
  });
});
