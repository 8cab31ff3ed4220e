import { Table } from '@mantine/core';
import { formatNumber } from '../../ui/format.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './page.campaign.module.css';

/** How many items are decided, as a bar with its figures in words: never by length alone. */
export function Progress({ items, undecided }: { items: number; undecided: number }) {
  const t = useWords('clauses/access');
  const decided = items - undecided;
  return (
    <span className={classes.progress}>
      <progress max={Math.max(items, 1)} value={decided} aria-label={t('campaign.progress')} />
      <span>{undecided === 0 ? t('progress.all') : t('progress.some', { decided, items })}</span>
    </span>
  );
}

export interface ProgressLine {
  readonly id: string | null;
  readonly name: string | null;
  readonly items: number;
  readonly undecided: number;
  readonly keep: number;
  readonly revoke: number;
  readonly change: number;
  /** When the system was read that its items stand on. */
  readonly readAt?: string | null;
}

type ProgressTableProps = {
  caption: string;
  lines: readonly ProgressLine[];
  nameless: string;
  withRead?: boolean;
};

/** Progress by system or by reviewer: those with most to do first. */
export function ProgressTable({ caption, lines, nameless, withRead = false }: ProgressTableProps) {
  const t = useWords('clauses/access');
  const language = useLanguage();
  const n = (value: number) => formatNumber(value, language);
  return (
    <div className={classes.tableRoom}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{caption}</Table.Th>
            <Table.Th>{t('campaign.progress')}</Table.Th>
            <Table.Th className={classes.figure}>{t('decision.keep')}</Table.Th>
            <Table.Th className={classes.figure}>{t('decision.revoke')}</Table.Th>
            <Table.Th className={classes.figure}>{t('decision.change')}</Table.Th>
            {withRead && <Table.Th>{t('campaign.asOf')}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.id ?? 'role'}>
              <Table.Td>{line.name ?? nameless}</Table.Td>
              <Table.Td>
                <Progress items={line.items} undecided={line.undecided} />
              </Table.Td>
              <Table.Td className={classes.figure}>{n(line.keep)}</Table.Td>
              <Table.Td className={classes.figure}>{n(line.revoke)}</Table.Td>
              <Table.Td className={classes.figure}>{n(line.change)}</Table.Td>
              {withRead && (
                <Table.Td>
                  {line.readAt ? <RelativeTime at={line.readAt} /> : t('campaign.neverRead')}
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
