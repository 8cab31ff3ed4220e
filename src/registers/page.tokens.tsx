import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { Line, type LineAct } from '../ui/Lines.tsx';
import { RelativeTime } from '../ui/RelativeTime.tsx';
import type { Words } from '../ui/words.ts';

/** A token of a program, as its room lists it; the secret is nowhere. */
interface ListedToken {
  readonly name: string;
  readonly valid: boolean;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  readonly uses: number;
}

/** One token: until when it is valid, how often it was used and when last. */
export function TokenLine(props: {
  t: Words;
  token: ListedToken;
  /** What it is for, beside its name. */
  of?: ReactNode;
  acts: readonly LineAct[];
  /** What is still to be done about one that is over. */
  actsWhenOver?: readonly LineAct[];
  /** What is to be said of it below. */
  children?: ReactNode;
}) {
  const { t, token, of, acts, actsWhenOver = [], children } = props;
  const standing = token.revokedAt ? 'revokedAt' : token.valid ? 'validUntil' : 'overSince';
  return (
    <Line acts={token.valid ? acts : actsWhenOver}>
      {token.name} {of && <span className="kept-soft">{of}</span>}
      <div className="kept-soft">
        {t(`tokens.${standing}`)} <RelativeTime at={token.revokedAt ?? token.expiresAt} /> ·{' '}
        {t('tokens.uses', { count: token.uses })}
        {token.lastUsedAt && (
          <>
            {' · '}
            {t('tokens.lastUsed')} <RelativeTime at={token.lastUsedAt} />
          </>
        )}
      </div>
      {children}
    </Line>
  );
}

const dayChoices = [30, 90, 180, 366];

/** For how many days a new token is valid: at most a year, as for every key. */
export function TokenDays({ t, field }: { t: Words; field: object }) {
  return (
    <Select
      label={t('tokens.days')}
      allowDeselect={false}
      data={dayChoices.map((count) => ({
        value: String(count),
        label: t('tokens.daysOf', { count }),
      }))}
      {...field}
    />
  );
}
