/** What a reader of feeds is given of the world: all that it does with it is ask. */
export interface FeedLink {
  /** HTTP by the house: outgoing addresses checked, answers limited, patient with a slow source. */
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/**
 * Why a feed did not answer as it should, in a word that people get a sentence for:
 * - `feedUnreachable`: no answer, or one that it fails; trying again may help
 * - `feedRefused`: it says no; an address or a name in the settings is wrong
 * - `feedUnexpected`: it answers something else than such a feed
 */
type FeedProblemCode = 'feedUnreachable' | 'feedRefused' | 'feedUnexpected';

export class FeedProblem extends Error {
  override readonly name = 'FeedProblem';
  readonly code: FeedProblemCode;

  constructor(code: FeedProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The archive was published anew while it was being fetched: what is there of the old one is useless. */
export class ArchiveChanged extends Error {
  override readonly name = 'ArchiveChanged';
}

/** A stretch of an archive. */
export interface FetchedPiece {
  readonly bytes: Uint8Array;
  /** State of the archive that it is of: its `ETag`. */
  readonly mark: string;
  /** Bytes of the whole archive. */
  readonly total: number;
}
