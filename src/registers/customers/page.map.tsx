import { Button } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Line, type LineAct, Lines } from '../../ui/Lines.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Section } from '../../ui/Page.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { WholeProduct } from './page.product.tsx';
import type { productRoutes } from './routes.products.ts';

const LineForm = lazily(async () => (await import('./page.mapform.tsx')).LineForm);

export type MapLine = WholeProduct['map'][number];

/** The data map of a product: what there is, where it lies, who controls it (RET-3). */
export function ProductMap({ product }: { product: WholeProduct }) {
  const t = useWords('registers/customers');
  const [editing, setEditing] = useState<MapLine | 'new' | null>(null);
  const [removing, setRemoving] = useState<MapLine | null>(null);
  const mayAdd = useMay('addHolding') && !product.retiredAt;
  const close = () => setEditing(null);
  const title = editing === 'new' ? t('map.add') : t('map.change');
  return (
    <Section title={t('map.title')}>
      {product.map.length === 0 && <StatusMark status="broken">{t('map.none')}</StatusMark>}
      {product.unmapped.map((collection) => (
        <StatusMark key={collection} status="broken">
          {t('map.unmapped', { collection })}
        </StatusMark>
      ))}
      <Lines>
        {product.map.map((line) => (
          <MapRow
            key={line.id}
            line={line}
            {...(mayAdd ? { change: () => setEditing(line), remove: () => setRemoving(line) } : {})}
          />
        ))}
      </Lines>
      {mayAdd && (
        <Button variant="default" size="xs" onClick={() => setEditing('new')}>
          {t('map.add')}
        </Button>
      )}
      <Sheet opened={editing !== null} onClose={close} label={title}>
        <SheetHeader title={title} sentence={product.name} />
        {editing && (
          <LineForm product={product} line={editing === 'new' ? undefined : editing} done={close} />
        )}
      </Sheet>
      {removing && <Removing product={product} line={removing} close={() => setRemoving(null)} />}
    </Section>
  );
}

function MapRow(props: { line: MapLine; change?: () => void; remove?: () => void }) {
  const t = useWords('registers/customers');
  const language = useLanguage();
  const { line, change, remove } = props;
  const what = line.what[language];
  const acts: LineAct[] = [];
  if (change) acts.push({ verb: t('map.edit'), name: t('map.changeOf', { what }), run: change });
  if (remove && !line.inUse) {
    acts.push({
      verb: t('map.remove'),
      name: t('map.removeOf', { what }),
      run: remove,
      danger: true,
    });
  }
  return (
    <Line acts={acts}>
      {what}
      <div className="kept-soft">
        {line.place} · {t(`controller.${line.controller}`)}
        {line.collection && ` · ${t('map.in', { collection: line.collection })}`}
      </div>
    </Line>
  );
}

function Removing(props: { product: WholeProduct; line: MapLine; close: () => void }) {
  const t = useWords('registers/customers');
  const language = useLanguage();
  const { product, line, close } = props;
  const remove = useCommand(useApi<typeof productRoutes>().removeHolding, {
    done: t('map.removed'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened
      onClose={close}
      danger
      title={t('map.removeAsk', { what: line.what[language] })}
      verb={t('map.remove')}
      run={() => void remove.run({ key: product.key, holdingId: line.id })}
      running={remove.running}
      problem={remove.problem}
    >
      <p>{t('map.removeWhat')}</p>
    </ConfirmDialog>
  );
}
