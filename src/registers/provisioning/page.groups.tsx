import { Select } from '@mantine/core';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Lines } from '../../ui/Lines.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { mappableRoles } from './facts.ts';
import { type ProvisionedGroup, provisioningApi } from './page.api.ts';

/** Groups of the directory, and the role that each gives its members in Kept. */
export function Groups({ groups }: { groups: readonly ProvisionedGroup[] }) {
  const t = useWords('registers/provisioning');
  const map = useCommand(provisioningApi.mapGroup, { done: t('groups.done') });
  if (groups.length === 0)
    return <EmptyState title={t('groups.none')}>{t('groups.noneWhat')}</EmptyState>;
  return (
    <>
      <p className="kept-soft">{t('groups.what')}</p>
      {map.problem && <ProblemNotice problem={map.problem} />}
      <Lines>
        {groups.map((group) => (
          <GroupLine
            key={group.id}
            group={group}
            running={map.running}
            map={(role) => void map.run({ id: group.id, role })}
          />
        ))}
      </Lines>
    </>
  );
}

interface GroupLineProps {
  readonly group: ProvisionedGroup;
  readonly running: boolean;
  readonly map: (role: string | null) => void;
}

function GroupLine({ group, running, map }: GroupLineProps) {
  const t = useWords('registers/provisioning');
  const w = useWords('web');
  const may = useMay('assignRoles');
  return (
    <li>
      <div>
        {group.name}
        <div className="kept-soft">{t('groups.members', { count: group.members })}</div>
      </div>
      <Select
        aria-label={t('groups.role', { name: group.name })}
        placeholder={t('groups.noRole')}
        data={mappableRoles.map((role) => ({ value: role, label: w(`role.${role}`) }))}
        value={group.role}
        clearable
        clearButtonProps={{ 'aria-label': t('groups.takeRole', { name: group.name }) }}
        disabled={!may || running}
        onChange={map}
      />
    </li>
  );
}
