/**
 * A body of an answer from pieces as they come; a reader who goes away ends their making. An error in
 * the middle cuts the connection: who reads sees that less came than was announced.
 */
export function bodyStream(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await pieces.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 4 },
  );
}
