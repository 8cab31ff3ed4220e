import { Button } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import type { SourceItem } from './list.ts';
import type { readingRoutes } from './routes.reading.ts';

/** How a source that is read by itself stands: when next, and what could not be read. */
export default function Reading({ source }: { source: Pick<SourceItem, 'id'> }) {
  const t = useWords('registers/sources');
  const connections = useWords('registers/connections');
  const api = useApi<typeof readingRoutes>();
  const mayAsk = useMay('askReading');
  const read = useRead(api.showSourceReading, { id: source.id }, { everySeconds: 15 });
  const ask = useCommand(api.readSource, { done: t('reading.asked') });
  const reading = read.data;
  if (!reading?.reads) return null;
  return (
    <Section title={t('reading.title')}>
      <Facts
        facts={[
          { label: t('reading.at'), value: reading.readAt && <RelativeTime at={reading.readAt} /> },
          {
            label: t('reading.next'),
            value: reading.nextAt && <RelativeTime at={reading.nextAt} />,
          },
          {
            label: t('reading.problem'),
            value: reading.problem && connections(`error.${reading.problem}`),
          },
          {
            label: t('reading.gaps'),
            value:
              reading.gaps.length > 0 &&
              reading.gaps.map(({ of, permission }) => (
                <div key={of}>{t('reading.gap', { of, permission })}</div>
              )),
          },
        ]}
      />
      {ask.problem && <ProblemNotice problem={ask.problem} />}
      {mayAsk && (
        <Button
          variant="default"
          size="xs"
          mt="sm"
          loading={ask.running}
          onClick={() => void ask.run({ id: source.id })}
        >
          {t('reading.now')}
        </Button>
      )}
    </Section>
  );
}
