/** The title as it stands in a text, for lists of clauses. */
export function titleOf(
  clause: {
    readonly clause: string;
    readonly texts: readonly { readonly language: string; readonly markdown: string }[];
  },
  language: string,
): string {
  const text = clause.texts.find((each) => each.language === language) ?? clause.texts[0];
  return /^#\s+(.+)$/m.exec(text?.markdown ?? '')?.[1]?.trim() ?? clause.clause;
}
