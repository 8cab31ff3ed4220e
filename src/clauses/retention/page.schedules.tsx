import { Button, Table } from '@mantine/core';
import { useState } from 'react';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { useLanguage, useWords, type Words } from '../../ui/words.ts';
import type { scheduleRoutes } from './routes.schedules.ts';

const SchedulingSheet = lazily(async () => (await import('./page.scheduling.tsx')).SchedulingSheet);

type Routes = ReturnType<typeof scheduleRoutes>;
export type Schedule = output<Routes['listSchedules']['output']>['items'][number];

/** How long each kind of record is kept, and why (RET-1, RET-6). */
export default function SchedulesPage() {
  const t = useWords('clauses/retention');
  const read = useRead(useApi<Routes>().listSchedules, {});
  const [setting, setSetting] = useState<Schedule | 'new' | null>(null);
  const [ending, setEnding] = useState<Schedule | null>(null);
  const may = useMay('changeSchedules');
  const schedules = read.data?.items ?? [];
  return (
    <Page wide>
      <PageHeader
        title={t('schedules.title')}
        sentence={t('schedules.sentence')}
        primary={may ? { label: t('schedules.add'), run: () => setSetting('new') } : undefined}
      />
      <p>
        <Link to="/console/retention/plan">{t('schedules.plan')}</Link>
        {' · '}
        <Link to="/console/retention/disposals">{t('schedules.record')}</Link>
      </p>
      {read.error && <ProblemNotice problem={read.error} retry={() => void read.refetch()} />}
      <ScheduleTable
        schedules={schedules}
        change={may ? setSetting : undefined}
        end={may ? setEnding : undefined}
      />
      {setting && (
        <SchedulingSheet
          kinds={schedules.filter(({ productId, customerId }) => !productId && !customerId)}
          schedule={setting === 'new' ? null : setting}
          close={() => setSetting(null)}
        />
      )}
      {ending?.id && (
        <EndingDialog schedule={ending} id={ending.id} close={() => setEnding(null)} />
      )}
    </Page>
  );
}

type TableProps = {
  schedules: readonly Schedule[];
  change: ((schedule: Schedule) => void) | undefined;
  end: ((schedule: Schedule) => void) | undefined;
};

function ScheduleTable({ schedules, change, end }: TableProps) {
  const t = useWords('clauses/retention');
  const heads = ['kind', 'scope', 'period', 'purpose', 'ground', 'version'] as const;
  return (
    <Table.ScrollContainer minWidth={760} scrollAreaProps={{ tabIndex: 0 }}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            {heads.map((head) => (
              <Table.Th key={head} scope="col">
                {t(`schedules.${head}`)}
              </Table.Th>
            ))}
            {change && <Table.Th scope="col" aria-label={t('schedules.change')} />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {schedules.map((schedule) => (
            <ScheduleRow
              key={schedule.id ?? schedule.kind}
              schedule={schedule}
              change={change}
              end={end}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function ScheduleRow({
  schedule,
  change,
  end,
}: Omit<TableProps, 'schedules'> & { schedule: Schedule }) {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  const name = `${schedule.label[language]} ${scopeText(t, schedule)}`;
  return (
    <Table.Tr>
      <Table.Td>
        {schedule.label[language]}
        {schedule.remains && (
          <>
            <br />
            <small>{t('schedules.remains')}</small>
          </>
        )}
      </Table.Td>
      <Table.Td style={{ minWidth: '5rem' }}>{scopeText(t, schedule)}</Table.Td>
      <Table.Td>{periodText(t, schedule, language)}</Table.Td>
      <Table.Td>{schedule.purpose[language]}</Table.Td>
      <Table.Td>{schedule.ground[language]}</Table.Td>
      <Table.Td>
        {schedule.setAt ? (
          <>
            {schedule.version} · <RelativeTime at={schedule.setAt} />
          </>
        ) : (
          t('schedules.shipped')
        )}
      </Table.Td>
      {change && (
        <Table.Td>
          <Button
            variant="subtle"
            size="compact-sm"
            aria-label={`${t('schedules.change')}: ${name}`}
            onClick={() => change(schedule)}
          >
            {t('schedules.change')}
          </Button>
          {schedule.id && (
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              aria-label={`${t('schedules.end')}: ${name}`}
              onClick={() => end?.(schedule)}
            >
              {t('schedules.end')}
            </Button>
          )}
        </Table.Td>
      )}
    </Table.Tr>
  );
}

export function scopeText(t: Words, { product, customer, collection }: Schedule): string {
  const whose = customer ?? product;
  const of = collection ? t('schedules.collection', { name: collection }) : null;
  return [whose, of].filter(Boolean).join(' · ') || t('schedules.everything');
}

const units = [
  ['Y', 'year'],
  ['M', 'month'],
  ['W', 'week'],
  ['D', 'day'],
] as const;

/** A period in words: `P7Y` after it was closed as “7 years after it was closed”. */
export function periodText(
  t: Words,
  { period, after }: Pick<Schedule, 'period' | 'after'>,
  language: 'en' | 'ja',
): string {
  if (period === null) return t('schedules.untilEnd');
  const parts = units.flatMap(([letter, unit]) => {
    const count = new RegExp(`(\\d+)${letter}`).exec(period)?.[1];
    const style = { style: 'unit', unit, unitDisplay: 'long' } as const;
    return count ? new Intl.NumberFormat(language, style).format(Number(count)) : [];
  });
  const span = parts.join(' ');
  return language === 'ja'
    ? `${t(`momentAfter.${after}`)}${span}`
    : `${span} ${t(`momentAfter.${after}`)}`;
}

function EndingDialog({
  schedule,
  id,
  close,
}: {
  schedule: Schedule;
  id: string;
  close: () => void;
}) {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  const end = useCommand(useApi<Routes>().endSchedule, { done: t('ending.done'), onDone: close });
  return (
    <ConfirmDialog
      opened
      onClose={close}
      title={t('ending.title', {
        kind: `${schedule.label[language]} (${scopeText(t, schedule)})`,
      })}
      verb={t('ending.verb')}
      run={() => void end.run({ id })}
      running={end.running}
      problem={end.problem}
    >
      {t('ending.will')}
    </ConfirmDialog>
  );
}
