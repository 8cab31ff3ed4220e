import { Alert, Button, TextInput } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import { Standing } from './page.undertakings.tsx';
import type { routes } from './routes.ts';

const PublishForm = lazy(() => import('./page.publishing.tsx'));

type Api = ReturnType<typeof useApi<typeof routes>>;
type Document = Awaited<ReturnType<Api['readUndertaking']>>;

/** A document in force: read, and signed below. */
export default function UndertakingPage() {
  const t = useWords('clauses/people');
  const name = useParam('document');
  const language = useLanguage();
  const read = useRead(useApi<typeof routes>().readUndertaking, { document: name, language });
  const mayPublish = useMay('publishUndertaking');
  const [writing, setWriting] = useState(false);
  const close = () => setWriting(false);
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  if (!read.data) return <Page>{null}</Page>;
  const document = read.data;
  const title = document.titles[language];
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/undertakings">{t('undertakings.title')}</Link>}
        title={title}
        sentence={<Standing document={document} />}
        others={
          mayPublish ? [{ label: t('undertakings.newVersion'), run: () => setWriting(true) }] : []
        }
      />
      <article
        className={`${classes.text} kept-document`}
        lang={document.language}
        // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised by the server, and the CSP runs no script of it
        dangerouslySetInnerHTML={{ __html: document.html }}
      />
      {document.dueOn ? <Sign document={document} /> : <Signed document={document} />}
      <Versions document={document} />
      <Sheet opened={writing} onClose={close} label={t('undertakings.newVersion')}>
        <SheetHeader title={t('undertakings.newVersion')} sentence={title} />
        <Suspense>
          <PublishForm key={document.versionId} document={document} done={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function Sign({ document }: { document: Document }) {
  const t = useWords('clauses/people');
  const { secondFactor, person } = useReader();
  const [typed, setTyped] = useState('');
  const guidance = document.kind === 'guidance';
  const sign = useCommand(useApi<typeof routes>().signUndertaking, {
    done: t(`thanks.${document.kind}`),
  });
  const run = () =>
    sign.run({
      document: document.document,
      versionId: document.versionId,
      digest: document.digest,
      language: document.language,
      ...(guidance ? {} : { name: typed }),
    });
  return (
    <form
      className={classes.act}
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      {!secondFactor && (
        <Alert color="yellow" mb="md">
          {t('sign.factor')} <Link to="/console/account">{t('sign.account')}</Link>
        </Alert>
      )}
      {!guidance && (
        <TextInput
          label={t('sign.name')}
          description={t('sign.nameHint', { name: person?.name ?? '' })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          mb="md"
          autoComplete="name"
          required
        />
      )}
      {sign.problem && <ProblemNotice problem={sign.problem} />}
      <p className="kept-will">{t(`sign.will.${document.kind}`)}</p>
      <Button
        type="submit"
        mt="md"
        size="md"
        loading={sign.running}
        disabled={!secondFactor || (!guidance && typed.trim() === '')}
      >
        {t(`sign.verb.${document.kind}`, { number: String(document.number) })}
      </Button>
    </form>
  );
}

function Signed({ document }: { document: Document }) {
  const t = useWords('clauses/people');
  if (!document.signedAt) return null;
  return (
    <Alert className={classes.act ?? ''} color="green" title={t(`thanks.${document.kind}`)}>
      {t('sign.recorded', { number: String(document.signedNumber ?? '') })}{' '}
      <code className="kept-code">{document.digest}</code>
    </Alert>
  );
}

function Versions({ document }: { document: Document }) {
  const t = useWords('clauses/people');
  return (
    <Section title={t('undertakings.versions')}>
      <Facts
        facts={document.versions.map((version) => ({
          label: t('undertakings.number', { number: String(version.number) }),
          value: (
            <>
              <RelativeTime at={version.publishedAt} /> ·{' '}
              {t(version.asksAgain ? 'undertakings.asksAgain' : 'undertakings.asksNobody')}
            </>
          ),
        }))}
      />
    </Section>
  );
}
