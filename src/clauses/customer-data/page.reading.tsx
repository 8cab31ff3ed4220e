import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { hrefOf, useApi } from '../../ui/api.ts';
import { freshKey } from '../../ui/chance.ts';
import { useNow } from '../../ui/clock.ts';
import { formatMoment, formatNumber } from '../../ui/format.ts';
import { useReader } from '../../ui/reader.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { ViewingRoutes } from './facts.viewing.ts';
import classes from './page.case.module.css';
import type { CaseDetail } from './page.facts.tsx';
import { type Content, recognise } from './page.recognise.ts';
import type { routes } from './routes.ts';

export interface Showing {
  readonly what: 'object' | 'record';
  readonly itemId: string;
  readonly name: string | null;
  readonly size: number | null;
}

type ShownProps = { found: CaseDetail; showing: Showing; close: () => void };

/** One object or record, on the screen and nowhere else; who reads lies over it. */
export function Shown({ found, showing, close }: ShownProps) {
  const t = useWords('clauses/customer-data');
  const language = useLanguage();
  const { content, problem, save } = useContent(found, showing);
  return (
    <div>
      <h3>{showing.name ?? showing.itemId.slice(-12)}</h3>
      {problem && <p role="alert">{problem}</p>}
      {!content && !problem && <p>{t('reading')}</p>}
      {content && (
        <section className={classes.shown} aria-label={t('shown')}>
          <ContentBody content={content} name={showing.name ?? showing.itemId} />
          <Watermark caseId={found.id} />
        </section>
      )}
      {content && showing.size !== null && content.bytes < showing.size && (
        <p>
          {t('shownPartly', {
            shown: formatNumber(content.bytes, language),
            size: formatNumber(showing.size, language),
          })}
        </p>
      )}
      <Group gap="xs">
        <Button variant="default" onClick={close}>
          {t('putAway')}
        </Button>
        {found.copy && (
          <Button variant="default" onClick={() => void save()}>
            {t('saveCopy')}
          </Button>
        )}
      </Group>
    </div>
  );
}

/**
 * Asks once for what is shown. The bytes stay in the memory of this page: the answer names no type
 * that a browser would run, and nothing caches it.
 */
function useContent(found: CaseDetail, { what, itemId }: Showing) {
  const t = useWords('clauses/customer-data');
  const api = useApi<ViewingRoutes & typeof routes>();
  const path = hrefOf(api.readUnderCase, { id: found.id });
  const again = useReadsAgain();
  const [content, setContent] = useState<Content | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const asked = useRef(false);
  const broken = t('readBroken');
  useEffect(() => {
    // Rendered twice in development: a read is counted, and must be asked for once.
    if (asked.current) return;
    asked.current = true;
    fetchContent(path, { what, itemId, copy: false }, broken)
      .then((bytes) => setContent(recognise(bytes, what)))
      .catch((thrown: Error) => setProblem(thrown.message))
      .finally(again);
  }, [path, what, itemId, broken, again]);
  const save = async (): Promise<void> => {
    try {
      const bytes = await fetchContent(path, { what, itemId, copy: true }, broken);
      const url = URL.createObjectURL(new Blob([bytes]));
      const link = Object.assign(document.createElement('a'), { href: url, download: itemId });
      link.click();
      URL.revokeObjectURL(url);
    } catch (thrown) {
      setProblem(thrown instanceof Error ? thrown.message : broken);
    }
  };
  return { content, problem, save };
}

/** What was read is listed on the same page: it is asked for again after each read. */
function useReadsAgain(): () => void {
  const client = useQueryClient();
  return useCallback(() => {
    for (const name of ['listCaseReads', 'getCase'])
      void client.invalidateQueries({ queryKey: [name] });
  }, [client]);
}

async function fetchContent(
  path: string,
  body: { readonly what: string; readonly itemId: string; readonly copy: boolean },
  broken: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(path, {
    method: 'POST',
    credentials: 'same-origin',
    cache: 'no-store',
    headers: {
      'Content-Type': 'application/json',
      'Accept-Language': document.documentElement.lang || 'en',
      'Idempotency-Key': freshKey(),
      'X-Kept': '1',
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    const said = (await response.json().catch(() => ({}))) as { detail?: string; action?: string };
    throw new Error([said.detail ?? broken, said.action].filter(Boolean).join(' '));
  }
  // A case that ends while bytes flow cuts the answer off: half of it is not shown.
  const whole = await response.arrayBuffer().catch(() => null);
  if (!whole) throw new Error(broken);
  return new Uint8Array(whole);
}

function ContentBody({ content, name }: { content: Content; name: string }) {
  const t = useWords('clauses/customer-data');
  const language = useLanguage();
  if (content.kind === 'image') return <Picture content={content} name={name} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must be reached by keyboard
    <pre className={classes.body} tabIndex={0}>
      {content.kind === 'bytes'
        ? `${t('bytes', { size: formatNumber(content.bytes, language) })}\n\n${content.text}`
        : content.text}
    </pre>
  );
}

/** An image of a type that carries no script, from the memory of this page. */
function Picture({
  content,
  name,
}: {
  content: Extract<Content, { kind: 'image' }>;
  name: string;
}) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([content.data], { type: content.mediaType }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [content]);
  return url ? <img className={classes.picture} src={url} alt={name} draggable={false} /> : null;
}

const marks = 24;

/** Reader, case and time, over and over: a photograph of the screen says whose it was. */
function Watermark({ caseId }: { caseId: string }) {
  const { person, zone } = useReader();
  const language = useLanguage();
  const time = formatMoment(new Date(useNow(30)).toISOString(), { language, zone });
  const text = `${person?.name ?? ''} · ${caseId.slice(-12)} · ${time}`;
  return (
    <div className={classes.watermark} aria-hidden="true">
      {Array.from({ length: marks }, (_, n) => `${n}`).map((n) => (
        <span key={n} data-mark={text} />
      ))}
    </div>
  );
}
