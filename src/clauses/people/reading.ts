import type { Language } from '../../kernel/language.ts';
import { type RenderedText, renderText } from '../../policy/text.ts';

/** Nothing is filled into what people sign or learn: it says the same everywhere. */
const placeholders = { organisation: '', contactUrl: '', privacyPolicyUrl: '', website: '' };

/** Markdown of ours as HTML that is safe to show. What was rendered once is remembered. */
export function rendered(markdown: string, language: Language): string {
  const key = `${language}\n${markdown}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const fresh: RenderedText = renderText(markdown, {
    placeholders,
    footnotes: language === 'ja' ? '脚注' : 'Notes',
  });
  if (remembered.size >= rememberedLimit) remembered.clear();
  remembered.set(key, fresh.html);
  return fresh.html;
}
const remembered = new Map<string, string>();
const rememberedLimit = 200;
