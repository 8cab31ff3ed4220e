/**
 * A file sent as it is, however large: the browser reads it piece by piece, and tells how far it is.
 *
 * @example
 * const upload = useUpload<{ importId: string }>();
 * await upload.send('/advisory-imports/osv?name=all.zip', file);
 * {upload.sent && <Progress value={upload.sent.share * 100} />}
 */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { ApiProblem } from './api.ts';
import { freshKey } from './chance.ts';

export type Sent = {
  readonly bytes: number;
  /** Of all of them, 0 to 1; at 1 the server is still at work on the last. */
  readonly share: number;
};

type Sending = {
  readonly file: File;
  readonly onProgress: (sent: Sent) => void;
  readonly onStart: (request: XMLHttpRequest) => void;
};

/** `fetch` does not say how much of a body has gone out; this does. */
function send(path: string, { file, onProgress, onStart }: Sending): Promise<unknown> {
  return new Promise((resolve, fail) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1${path}`);
    const headers = {
      Accept: 'application/json',
      'Accept-Language': document.documentElement.lang || 'en',
      'Content-Type': 'application/octet-stream',
      'Idempotency-Key': freshKey(),
      'X-Kept': '1',
    };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) =>
      onProgress({ bytes: loaded, share: total > 0 ? loaded / total : 1 });
    request.onerror = () => fail(new ApiProblem({ status: 0 }));
    request.onabort = () => fail(new DOMException('the upload was called off', 'AbortError'));
    request.onload = () => {
      const answer = answerOf(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(answer);
      else fail(new ApiProblem({ ...(answer as object), status: request.status }));
    };
    onStart(request);
    request.send(file);
  });
}

function answerOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}

export type Upload<Output> = {
  /** Resolves to the answer, or to undefined after a problem or where it was called off. */
  readonly send: (path: string, file: File) => Promise<Output | undefined>;
  /** Undefined while nothing is being sent. */
  readonly sent: Sent | undefined;
  readonly problem: ApiProblem | undefined;
  readonly cancel: () => void;
};

/** Sends a file, tells how far it is, and can be called off. */
export function useUpload<Output>(): Upload<Output> {
  const client = useQueryClient();
  const [sent, setSent] = useState<Sent | undefined>();
  const [problem, setProblem] = useState<ApiProblem | undefined>();
  const current = useRef<XMLHttpRequest | undefined>(undefined);
  const start = useCallback(
    async (path: string, file: File): Promise<Output | undefined> => {
      setProblem(undefined);
      setSent({ bytes: 0, share: 0 });
      try {
        const onStart = (request: XMLHttpRequest) => {
          current.current = request;
        };
        return (await send(path, { file, onProgress: setSent, onStart })) as Output;
      } catch (cause) {
        if (cause instanceof ApiProblem) setProblem(cause);
        else if (!(cause instanceof DOMException)) throw cause;
        return undefined;
      } finally {
        setSent(undefined);
        await client.invalidateQueries();
      }
    },
    [client],
  );
  return { send: start, sent, problem, cancel: () => current.current?.abort() };
}
