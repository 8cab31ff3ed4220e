import { ask } from './asking.ts';
import { type FeedLink, FeedProblem } from './facts.ts';

/**
 * A feed that is one file: the catalogue of known exploited vulnerabilities, the exploit predictions.
 *
 * @throws FeedProblem
 */
export async function feedBytes(link: FeedLink, address: string): Promise<Uint8Array> {
  const answer = await ask(link, address);
  if (answer.status !== 200) {
    throw new FeedProblem('feedRefused', `${new URL(address).host} answers ${answer.status}`);
  }
  return new Uint8Array(await answer.arrayBuffer());
}
