import type { Flow } from '../../policy/flow.ts';
import {
  type ClosureCommand,
  type ClosureEvent,
  type ClosureRefusal,
  closureCommand,
} from './facts.closure.ts';
import { type ClosingState, decideClosure, mailsOfClosure } from './flow.closure.ts';
import { loadClosing, projectClosure } from './store.closure.ts';

/**
 * The end of an account, from the request to the certificate (RET-5). The portal calls
 * `requestClosure` and `reopen` as the contact who asks, staff on behalf with a verified request. The
 * other commands are the clock's: `src/server/closing/` carries out what they record, and looks at
 * keystore and storage before it says so.
 */
export const closureFlow: Flow<ClosingState, ClosureCommand, ClosureEvent, ClosureRefusal> = {
  name: 'retention.closure',
  clause: 'retention',
  command: closureCommand,
  load: loadClosing,
  authorize: (_, command) => ({
    action: command.do === 'reopen' ? 'reopenAccount' : command.do,
  }),
  decide: decideClosure,
  project: projectClosure,
  effects: mailsOfClosure,
};
