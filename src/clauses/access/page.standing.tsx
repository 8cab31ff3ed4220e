import { Table } from '@mantine/core';
import { Facts } from '../../ui/Facts.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Section } from '../../ui/Page.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './page.campaign.module.css';
import type { CampaignDetail } from './page.items.tsx';
import { Progress } from './page.progress.tsx';

/** How far everybody is, and what the review stands on. */
export function CampaignProgress({ campaign }: { campaign: CampaignDetail }) {
  const t = useWords('clauses/access');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.scroll} aria-label={t('tab.progress')} tabIndex={0}>
      <Section title={t('progress.reviewers')}>
        <ProgressTable
          caption={t('item.reviewer')}
          lines={campaign.reviewers}
          nameless={t('item.role')}
        />
      </Section>
      <Section title={t('progress.systems')}>
        <ProgressTable caption={t('item.system')} lines={campaign.systems} nameless="" withRead />
      </Section>
      <Section title={t('progress.facts')}>
        <Facts
          facts={[
            { label: t('campaign.quarter'), value: campaign.quarter },
            { label: t('campaign.opened'), value: <RelativeTime at={campaign.openedAt} /> },
            {
              label: t('campaign.how'),
              value: campaign.automatic ? t('campaign.automatic') : t('campaign.byHand'),
            },
            { label: t('opening.rule'), value: t(`rule.${campaign.reviewerRule}`) },
            {
              label: t('campaign.within'),
              value: t('campaign.hours', { count: campaign.revokeWithinHours }),
            },
            {
              label: t('campaign.digest'),
              value: <span className={classes.digest}>{campaign.snapshotDigest}</span>,
            },
            {
              label: t('campaign.salt'),
              value: campaign.salt && <span className={classes.digest}>{campaign.salt}</span>,
            },
          ]}
        />
      </Section>
    </section>
  );
}

interface ProgressLine {
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
function ProgressTable({ caption, lines, nameless, withRead = false }: ProgressTableProps) {
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
