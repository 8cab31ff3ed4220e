import { useApi } from '../../ui/api.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import { AccountBody } from './page.account.tsx';
import type { routes } from './routes.ts';

/** An account over a list. */
export default function AccountSheet({ id }: { id: string }) {
  const t = useWords('registers/accounts');
  const account = useRead(useApi<typeof routes>().getAccount, { id });
  if (account.error)
    return <ProblemNotice problem={account.error} retry={() => account.refetch()} />;
  if (!account.data) return null;
  const { name, systemName } = account.data;
  return (
    <>
      <SheetHeader title={name} sentence={t('onSystem', { system: systemName })} />
      <AccountBody account={account.data} />
    </>
  );
}
