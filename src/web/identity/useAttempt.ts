import { useCallback, useState } from 'react';
import { ApiProblem } from '../../ui/api.ts';

/** Runs one step of signing in at a time, and keeps what went wrong with it. */
export function useAttempt() {
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const run = useCallback(async (act: () => Promise<void>) => {
    setRunning(true);
    setProblem(undefined);
    try {
      await act();
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause;
      setProblem(cause);
    } finally {
      setRunning(false);
    }
  }, []);
  return { run, running, problem, clear: useCallback(() => setProblem(undefined), []) };
}
