import { type OsvAdvisory, osvAdvisory } from './osv.ts';

/** An advisory, or why a text is none. */
export type ReadText = { readonly advisory: OsvAdvisory } | { readonly reason: string };

const reasonLimit = 300;

/**
 * Reads the text of one advisory in the OSV format. Whatever the text is, it answers, and never throws:
 * one that is malformed is set aside with its reason and stops nothing.
 */
export function readAdvisoryText(text: string): ReadText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { reason: `no JSON: ${(error as Error).message}`.slice(0, reasonLimit) };
  }
  return readAdvisoryValue(value);
}

/** As `readAdvisoryText`, of a value that was parsed already. */
export function readAdvisoryValue(value: unknown): ReadText {
  const parsed = osvAdvisory.safeParse(value);
  if (parsed.success) return { advisory: parsed.data };
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'the advisory';
  return { reason: `${place}: ${issue?.message ?? 'malformed'}`.slice(0, reasonLimit) };
}
