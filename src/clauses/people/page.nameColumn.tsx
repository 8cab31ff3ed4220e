import { PersonLink } from '../../registers/page.PersonLink.tsx';
import type { Column } from '../../ui/register/types.ts';
import type { Words } from '../../ui/words.ts';

/** Whose it is, linked to their page; somebody erased has no name any more. */
export function nameColumn<Row extends { readonly personId: string; readonly name: string }>(
  t: Words,
): Column<Row> {
  return {
    id: 'name',
    label: t('lists.name'),
    value: (row) => <PersonLink id={row.personId} name={row.name} />,
    sort: true,
    width: 'minmax(9rem, 2fr)',
  };
}
