import { Button, Table } from '@mantine/core';
import { useState } from 'react';
import type { output } from 'zod';
import { SubjectTimeline } from '../../registers/page.timeline.tsx';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { formatBytes, formatDate, lastMoment } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import { dayText } from './page.closures.tsx';
import type { closureRoutes } from './routes.closures.ts';

const ReopeningDialog = lazily(async () => (await import('./page.closing.tsx')).ReopeningDialog);

type Routes = ReturnType<typeof closureRoutes>;
type Detail = output<Routes['getClosure']['output']>;

/** One closure: where it stands, what was removed, what is still followed, and what remains. */
export function ClosureSheet({ id }: { id: string }) {
  const t = useWords('clauses/retention');
  const read = useRead(useApi<Routes>().getClosure, { id });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const closure = read.data;
  if (!closure) return null;
  return (
    <>
      <SheetHeader
        title={closure.customer}
        sentence={<Link to={`/console/customers/${closure.key}`}>{closure.key}</Link>}
      />
      <p>{t(`closureSentence.${closure.held ? 'held' : closure.state}`)}</p>
      <ClosureFacts closure={closure} />
      <Reopen closure={closure} />
      <Certificate closure={closure} />
      <Backups closure={closure} />
      {closure.state === 'certified' && <Remains closure={closure} />}
      <h3>{t('closure.timeline')}</h3>
      <SubjectTimeline subject={`customer/${closure.customerId}`} />
    </>
  );
}

function ClosureFacts({ closure }: { closure: Detail }) {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  const moment = (at: string | null) => at && <RelativeTime at={at} />;
  const { objects, records, bytes } = closure;
  return (
    <Facts
      facts={[
        { label: t('closure.day'), value: dayText(t, closure) },
        {
          label: t('closure.next'),
          value: closure.step === 'none' ? null : t(`closureStep.${closure.step}`),
        },
        { label: t('closure.at'), value: moment(closure.stepAt) },
        { label: t('closure.requestedAt'), value: moment(closure.requestedAt) },
        { label: t('closure.reopenUntil'), value: moment(lastMoment(closure.reopenUntil)) },
        { label: t('closure.eraseBy'), value: moment(lastMoment(closure.eraseBy)) },
        {
          label: t('closure.contents'),
          value: t('closure.contentsOf', { objects, records, size: formatBytes(bytes, language) }),
        },
        { label: t('closure.reopenedAt'), value: moment(closure.reopenedAt) },
        {
          label: t('closure.same'),
          value:
            closure.same === null ? null : t(closure.same ? 'closure.sameYes' : 'closure.sameNo'),
        },
        { label: t('closure.keyDestroyedAt'), value: moment(closure.keyDestroyedAt) },
        { label: t('closure.erasedAt'), value: moment(closure.erasedAt) },
        { label: t('closure.certifiedAt'), value: moment(closure.certifiedAt) },
        {
          label: t('closure.seal'),
          value: <code style={{ overflowWrap: 'anywhere' }}>{closure.seal}</code>,
        },
      ]}
    />
  );
}

function Reopen({ closure }: { closure: Detail }) {
  const t = useWords('clauses/retention');
  const [asking, setAsking] = useState(false);
  const may = useMay('reopenAccount');
  if (!may || closure.step !== 'dayThirty') return null;
  return (
    <p>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t('closure.reopen')}
      </Button>
      {asking && <ReopeningDialog closure={closure} close={() => setAsking(false)} />}
    </p>
  );
}

function Certificate({ closure }: { closure: Detail }) {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  if (!closure.code) return null;
  return (
    <>
      <h3>{t('closure.code')}</h3>
      <p>
        <code>{closure.code}</code>
      </p>
      <p>
        <a href={`/api/v1/closures/${closure.id}/certificate?lang=${language}`} download>
          {t('closure.certificate')}
        </a>
        <br />
        <a href={`/erasures/${closure.code}?lang=${language}`}>{t('closure.public')}</a>
      </p>
    </>
  );
}

function Backups({ closure }: { closure: Detail }) {
  const t = useWords('clauses/retention');
  if (closure.backups.length === 0) return null;
  return (
    <>
      <h3>{t('closure.backups')}</h3>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('closure.madeAt')}</Table.Th>
            <Table.Th scope="col">{t('closure.expiresAt')}</Table.Th>
            <Table.Th scope="col">{t('closure.goneAt')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {closure.backups.map(({ madeAt, expiresAt, goneAt }) => (
            <Table.Tr key={madeAt}>
              <Table.Td>
                <RelativeTime at={madeAt} />
              </Table.Td>
              <Table.Td>
                <RelativeTime at={expiresAt} />
              </Table.Td>
              <Table.Td>{goneAt ? <RelativeTime at={goneAt} /> : t('closure.waiting')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

/** RET-6: what remains of an account that is gone, and until when. */
function Remains({ closure }: { closure: Detail }) {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  const { zone } = useReader();
  return (
    <>
      <h3>{t('closure.remains')}</h3>
      <p>{t('closure.remainsWhat')}</p>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('closure.kind')}</Table.Th>
            <Table.Th scope="col">{t('closure.count')}</Table.Th>
            <Table.Th scope="col">{t('closure.lastDay')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {closure.remains.map(({ kind, label, count, lastDay }) => (
            <Table.Tr key={kind}>
              <Table.Td>{label[language]}</Table.Td>
              <Table.Td>{count || t('closure.nothing')}</Table.Td>
              <Table.Td>{lastDay && formatDate(lastDay, { language, zone })}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
