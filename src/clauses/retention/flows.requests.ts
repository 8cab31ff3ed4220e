import type { Flow } from '../../policy/flow.ts';
import {
  type RequestCommand,
  type RequestEvent,
  type RequestRefusal,
  requestCommand,
} from './facts.requests.ts';
import { decideRequest, mailsOfRequest, type RequestState } from './flow.requests.ts';
import { loadRequest, projectRequest } from './store.requests.ts';

/**
 * What people ask us to do with their data, by portal, letter, mail or telephone (RET-4). The portal
 * calls `openRequest` as the contact who asks: customer, contact and channel then follow from who
 * that is, and so does their identity.
 */
export const requestFlow: Flow<RequestState, RequestCommand, RequestEvent, RequestRefusal> = {
  name: 'retention.request',
  clause: 'retention',
  command: requestCommand,
  load: loadRequest,
  authorize: (_, command) => ({
    action: command.do === 'openRequest' ? 'openCustomerRequest' : command.do,
  }),
  decide: decideRequest,
  project: projectRequest,
  effects: mailsOfRequest,
};
