import type { Actor } from '../kernel/actor.ts';
import type { PersonId } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Json, JsonObject } from '../kernel/json.ts';

/**
 * Something that happened. Each event becomes one ledger entry and is projected into tables in the
 * same transaction.
 *
 * `body` goes into the ledger in the clear and for ever: ids, numbers, dates, digests. Whatever
 * tells who somebody is goes to `private`: the entry holds a salted commitment of each value, the
 * plaintext stays in an erasable table. `about` is the person whose data that is.
 */
export interface Event {
  readonly type: string;
  /** `kind/id` of the thing it happened to; a page's timeline is the entries of its subject. */
  readonly subject: string;
  readonly body: JsonObject;
  readonly private?: Readonly<Record<string, Json>>;
  readonly about?: PersonId;
  /**
   * Evidence too large for an entry. `body` names each by `<key>` = its SHA-256 in hex, and the key
   * ends in `Blob`: by that name an export takes it along and a verifier asks for it, for ever. So it
   * holds what a body may hold: ids, numbers, dates, digests.
   */
  readonly blobs?: Readonly<Record<`${string}Blob`, Uint8Array>>;
  /**
   * Papers that tell who somebody is, or are others' own (a signed undertaking, a consent, a
   * provider's report). They are stored and named as blobs are, but under a key that does not end in
   * `Blob`: they never leave with an export, and can be erased without anyone's proof failing.
   */
  readonly erasable?: Readonly<Record<string, Uint8Array>>;
  /** Of one act over many: what else it happened to. Their timelines show it; the entry does not hold them. */
  readonly touches?: readonly Touched[];
}

/** A thing that an act over many happened to. */
export interface Touched {
  /** `kind/id` */
  readonly subject: string;
  /** What became of it, where that is not the same for all: `opened`, `fixed`. */
  readonly what?: string;
}

/** What a decision may know besides state and command: nothing ambient, all of it repeatable. */
export interface Context {
  readonly now: Instant;
  readonly actor: Actor;
  /** The organisation's zone: the zone of every calendar date. */
  readonly zone: string;
  /** A fresh UUIDv7. */
  readonly newId: () => string;
}

/** Work for the outside world, enqueued in the transaction that causes it. */
export type Effect =
  | {
      readonly kind: 'mail';
      /** Person to whom; the address is read when the mail is sent, not before. */
      readonly to: PersonId;
      /** `clause.name` of the template in the clause's words: `<name>.subject`, `<name>.text`. */
      readonly template: string;
      readonly params: Readonly<Record<string, string | number>>;
      /** Path in the console that the mail links to. */
      readonly path: string;
    }
  | {
      readonly kind: 'customerMail';
      /**
       * Contact of a customer. Name, address and language are read when the mail is sent: nothing is
       * sent to one who was removed meanwhile.
       */
      readonly to: string;
      /** As of `mail`. The sentences may also say `{customer}` and `{organisation}`. */
      readonly template: string;
      readonly params: Readonly<Record<string, string | number>>;
      /** Path in the portal that the mail links to, such as `/portal/accesses`. */
      readonly path: string;
      /**
       * To the address that the contact had before staff changed it, for as long as nobody confirmed that; to
       * one who was removed, too.
       */
      readonly formerly?: true;
    };
