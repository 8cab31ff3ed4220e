import { useEffect } from 'react';
import { useReader } from './reader.tsx';

/** Sets the window's title to "title · organisation" while mounted. */
export function useTitle(title: string): void {
  const { organisation } = useReader();
  useEffect(() => {
    document.title = [title, organisation || 'Kept'].filter(Boolean).join(' · ');
  }, [title, organisation]);
}
