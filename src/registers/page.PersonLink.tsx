import { Link } from '../ui/Link.tsx';
import { useWords } from '../ui/words.ts';

/** A person by name; one who was erased has none any more, and is called so. */
export function PersonName({ name }: { name: string | null }) {
  const t = useWords('registers/people');
  return name || t('erasedName');
}

/** The way to a person's page, by their name. */
export function PersonLink({ id, name }: { id: string; name: string | null }) {
  return (
    <Link to={`/console/people/${id}`}>
      <PersonName name={name} />
    </Link>
  );
}
