import { z } from 'zod';
import { ReportFault } from './report.ts';

/** Any text; what is too long is cut where it is kept, not refused. */
export const text = z.string();
/** May be missing, and is often null. */
export const optionalText = text.nullish();
/** Tools leave lists out or write null where there is nothing. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

/**
 * Holds a document against what a format has to look like, as far as we read it.
 *
 * @throws ReportFault naming the format, the place and what is wrong there
 */
export function shapedAs<T>(schema: z.ZodType<T>, document: unknown, format: string): T {
  const read = schema.safeParse(document);
  if (read.success) return read.data;
  const [first] = read.error.issues;
  const place = first && first.path.length > 0 ? first.path.map(String).join('.') : 'the document';
  const said = first?.message ?? 'does not have the shape of the format';
  throw new ReportFault(`${format}: at ${place.slice(0, 200)}: ${said.slice(0, 300)}`);
}
