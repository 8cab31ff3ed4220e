import type { MouseEventHandler, Ref } from 'react';
import './document.css';
import { drawings } from './drawings.ts';
import classes from './policy-home.module.css';

type DocumentProps = {
  clauses: readonly {
    readonly id: string;
    readonly number: number;
    readonly title: string;
    readonly html: string;
  }[];
  language: string;
  className?: string | undefined;
  onClick?: MouseEventHandler<HTMLElement>;
  ref?: Ref<HTMLDivElement>;
};

/** The text as the server set it, promises marked, in the style of the public page. */
export function PolicyText({ clauses, language, className = '', onClick, ref }: DocumentProps) {
  return (
    <>
      <Markup className={classes.drawings} html={drawings} />
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the marks inside are links */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the marks inside are links */}
      <div
        ref={ref}
        className={`policy-document ${classes.document} ${className}`}
        lang={language}
        onClick={onClick}
      >
        <article className="policy-text">
          {clauses.map((clause) => (
            <section
              key={clause.id}
              id={clause.id}
              className="clause"
              aria-labelledby={`title-${clause.id}`}
            >
              <h2 id={`title-${clause.id}`}>
                <span className="number">{clause.number}</span>
                {clause.title}
              </h2>
              <Markup html={clause.html} />
            </section>
          ))}
        </article>
      </div>
    </>
  );
}

function Markup({ html, className }: { html: string; className?: string | undefined }) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised by the server or a constant of ours; the CSP runs no script of it
  return <div className={className} dangerouslySetInnerHTML={{ __html: html }} />;
}
