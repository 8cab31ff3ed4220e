import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { Line, Lines } from '../../ui/Lines.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Section } from '../../ui/Page.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useWords } from '../../ui/words.ts';
import type { HoldItem } from './list.holds.ts';
import type { WholeCustomer } from './page.sheet.tsx';

const ReviewHold = lazily(async () => (await import('./page.holdforms.tsx')).ReviewHold);
const LiftHold = lazily(async () => (await import('./page.holdforms.tsx')).LiftHold);

/** Holds of an account: what stops its clocks, since when, and by whom it is looked at again. */
export function CustomerHolds({ customer }: { customer: WholeCustomer }) {
  const t = useWords('registers/customers');
  if (customer.holds.length === 0) return null;
  return (
    <Section title={t('holds.title')}>
      {customer.held && <p>{t('holds.stopped')}</p>}
      <Lines>
        {customer.holds.map((hold) => (
          <Line key={hold.id}>
            <HoldLine hold={hold} />
          </Line>
        ))}
      </Lines>
    </Section>
  );
}

/** One hold, with what may be done about it. */
export function HoldLine({ hold }: { hold: HoldItem }) {
  const t = useWords('registers/customers');
  return (
    <>
      <div>{hold.reason || t('forgotten')}</div>
      <div className="kept-soft">
        {t('holds.placedBy', { name: hold.placedBy?.name ?? t('holds.program') })} ·{' '}
        <RelativeTime at={hold.placedAt} />
      </div>
      {hold.liftedAt ? (
        <div className="kept-soft">
          {t('holds.liftedBy', { name: hold.liftedBy?.name ?? '' })} ·{' '}
          <RelativeTime at={hold.liftedAt} />
        </div>
      ) : (
        <>
          <StatusMark status={hold.late ? 'broken' : 'due'}>
            {t('holds.reviewOn')} <RelativeTime at={hold.reviewOn} />
          </StatusMark>
          <HoldActions hold={hold} />
        </>
      )}
    </>
  );
}

export function HoldActions({ hold }: { hold: HoldItem }) {
  const t = useWords('registers/customers');
  const [asking, setAsking] = useState<'review' | 'lift' | null>(null);
  const mayReview = useMay('reviewHold');
  const mayLift = useMay('liftHold');
  const close = () => setAsking(null);
  if (hold.liftedAt) return null;
  return (
    <Group gap="xs">
      {mayReview && (
        <Button variant="default" size="xs" onClick={() => setAsking('review')}>
          {t('holds.review')}
        </Button>
      )}
      {mayLift && (
        <Button variant="default" size="xs" onClick={() => setAsking('lift')}>
          {t('holds.lift')}
        </Button>
      )}
      <Sheet opened={asking === 'review'} onClose={close} label={t('holds.review')}>
        <SheetHeader title={t('holds.review')} sentence={hold.customer.name} />
        <ReviewHold hold={hold} done={close} />
      </Sheet>
      {asking === 'lift' && <LiftHold hold={hold} close={close} />}
    </Group>
  );
}
