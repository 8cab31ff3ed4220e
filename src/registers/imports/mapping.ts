/**
 * What the reader chose in the wizard, as the API takes it: field → header of the column. A file
 * without a header has columns 1, 2, 3, …; a field without a column is said to have none.
 */
export function mappingFor(
  fields: readonly string[],
  chosen: { readonly header: boolean; readonly columns: Readonly<Record<string, number>> },
  firstRecord: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    fields.map((field) => {
      const place = chosen.columns[field];
      if (place === undefined) return [field, ''];
      return [field, chosen.header ? (firstRecord[place] ?? '').trim() : String(place + 1)];
    }),
  );
}
