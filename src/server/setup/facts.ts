import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { isZone } from '../../kernel/instant.ts';
import { languages } from '../../kernel/language.ts';

/** A DNS name as people write it (RFC 1123, section 2.1; IDNA), kept in its ASCII form. */
const domain = z
  .string()
  .trim()
  .transform((text) => domainToASCII(text.replace(/\.$/, '').toLowerCase()))
  .refine(
    (text) =>
      text.length <= 253 &&
      /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(text),
  );

/** A zone by its name: an offset such as `+09:00` knows no summer time and no history. */
const zone = z.string().refine((text) => /^[A-Za-z]/.test(text) && isZone(text));

/** What setting up asks for. */
export const founding = z.object({
  token: z.string().max(200),
  organisation: z.object({
    name: z.string().trim().min(1).max(200),
    zone,
    languages: z
      .array(z.enum(languages))
      .min(1)
      .transform((asked) => languages.filter((language) => asked.includes(language))),
    domain,
  }),
  administrator: z.object({
    name: z.string().trim().min(1).max(200),
    email: z.email().trim().max(320),
    password: z.string().max(1000),
  }),
});
export type Founding = z.output<typeof founding>;
