import { MantineProvider } from '@mantine/core';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem, ApiProvider, createApi, type Operations } from '../ui/api.ts';
import { Notices } from '../ui/notify.tsx';
import { theme } from '../ui/theme.ts';
import { styleNonce } from './nonce.ts';
import type { Page } from './page.ts';
import { createConsoleRouter } from './router.tsx';

/** A read is tried again when no answer came or the server stumbled; a refusal is an answer. */
function retryRead(failures: number, problem: Error): boolean {
  const again = problem instanceof ApiProblem && (problem.status === 0 || problem.status >= 502);
  return again && failures < 2;
}

function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    defaultOptions: { queries: { staleTime: 5_000, retry: retryRead, refetchOnWindowFocus: true } },
    queryCache: new QueryCache({
      onError: (problem, query) => {
        // The session ended meanwhile: asking who we are again leads to the sign-in page.
        if (problem instanceof ApiProblem && problem.status === 401 && query.queryKey[0] !== 'me') {
          void client.invalidateQueries({ queryKey: ['me'] });
        }
      },
    }),
  });
  return client;
}

export function App({ operations, pages }: { operations: Operations; pages: readonly Page[] }) {
  const [client] = useState(createQueryClient);
  const [router] = useState(() => createConsoleRouter(pages));
  const [api] = useState(() => createApi<unknown>(operations));
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={client}>
        <ApiProvider value={api}>
          <Notices />
          <RouterProvider router={router} />
        </ApiProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
