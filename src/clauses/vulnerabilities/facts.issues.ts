import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { bulkLimit } from './facts.terms.ts';
import { itemId } from './facts.ts';

/** Issues in a tracker in which items are worked on: asked for, made, followed. They close no item. */

export const askIssues = z.object({
  ids: z.array(itemId).min(1).max(bulkLimit),
  /** `owner/name` of a repository that is registered as a source, or that source's id or key. */
  repository: z.string().trim().min(1).max(300),
});
export type AskIssues = z.output<typeof askIssues>;

const issueState = z.enum(['open', 'closed']);

/** Said by the connection alone: an issue is there. */
export const linkIssue = z.object({
  itemId,
  repository: z.string().min(1).max(300),
  number: z.int().min(1),
  url: z.url({ protocol: /^https?$/ }).max(1000),
  state: issueState,
});
export type LinkIssue = z.output<typeof linkIssue>;

/** Said by the connection alone: how an issue stands. */
export const seeIssue = z.object({
  repository: z.string().min(1).max(300),
  number: z.int().min(1),
  /** `gone`: deleted, or moved away. */
  state: z.enum(['open', 'closed', 'gone']),
});
export type SeeIssue = z.output<typeof seeIssue>;

export type IssuesAsked = Event & {
  readonly type: 'IssuesAsked';
  readonly ids: readonly string[];
  readonly sourceId: string;
  readonly repository: string;
};
export type IssueLinked = Event & { readonly type: 'IssueLinked'; readonly issue: LinkIssue };
export type IssueSeen = Event & { readonly type: 'IssueSeen'; readonly issue: SeeIssue };

export type IssueRefusal =
  | 'notFound'
  | 'itemClosed'
  | 'sourceUnknown'
  | 'sourceHasNoRepository'
  | 'actingIsOff'
  | 'nothingToChange';
