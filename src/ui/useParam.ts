import { useParams } from '@tanstack/react-router';

/** A parameter of the page's path: `$id` of `/console/people/$id`. @example const id = useParam('id'); */
export function useParam(name: string): string {
  const params = useParams({ strict: false }) as Record<string, string | undefined>;
  return params[name] ?? '';
}
