import type { ClosureClock } from '../../clauses/retention/facts.closure.ts';
import type { StandingClosure } from '../../clauses/retention/flow.closure.ts';
import { fill } from '../../kernel/language.ts';
import { type Html, html } from '../public/html.ts';
import { textField, tokenField } from './forms.ts';
import type { Notice, Page } from './frame.ts';
import { facts, lastDayText, timeOf } from './texts.ts';
import type { Visit } from './visit.ts';

/** A closure with where its certificate is, once there is one. */
type ShownClosure = StandingClosure & { readonly certificate: string | null };

/** What closing means, where a closure stands, and the way back while there is one. */
export function closingPage(
  visit: Visit,
  closure: ShownClosure | null,
  notice: Notice | null,
): Page {
  const { words, account } = visit;
  const said = words.closing;
  const state = { open: beforehand, closing: frozen, erasing: erasing, gone: erasing }[
    account.state
  ];
  return {
    title: said.title,
    section: 'account',
    here: '/portal/close',
    lead: account.state === 'open' ? said.lead : null,
    notice,
    main: state(visit, closure),
  };
}

function beforehand({ words, account, signed }: Visit): Html {
  const said = words.closing;
  const steps = html`<ol class="steps"><li>${said.step0}</li><li>${said.step30}</li><li>${said.step90}</li></ol>`;
  const ask = html`<form method="post" action="/portal/close">${tokenField(signed.token)}
<p class="acts"><button type="submit" class="danger">${said.ask}</button> <a class="button second" href="/portal/export">${said.exportFirst}</a></p></form>`;
  return html`${steps}<p>${said.remains}</p>
${account.part === 'owner' ? ask : html`<div class="notice"><p>${said.ownerCloses}</p></div>`}`;
}

function frozen({ words, place, account, signed }: Visit, closure: ShownClosure | null): Html {
  const said = words.closing;
  if (!closure) return html``;
  return html`${facts([
    [said.until, lastDayText(closure.reopenUntil, place)],
    [said.by, lastDayText(closure.eraseBy, place)],
    [said.zone, place.zone],
  ])}
<p>${said.frozenMore}</p>
${account.part === 'owner' ? html`<form method="post" action="/portal/reopen">${tokenField(signed.token)}<p class="acts"><button type="submit">${said.reopen}</button> <a class="button second" href="/portal/export">${said.exportFirst}</a></p></form>` : html`<div class="notice"><p>${said.ownerReopens}</p></div>`}`;
}

function erasing({ words, place }: Visit, closure: ShownClosure | null): Html {
  const said = words.closing;
  if (!closure) return html``;
  return html`<p>${said.erased}</p>${facts([
    [said.keyGone, closure.keyDestroyedAt ? timeOf(closure.keyDestroyedAt, place) : '–'],
    [said.dataGone, closure.erasedAt ? timeOf(closure.erasedAt, place) : '–'],
    [said.by, lastDayText(closure.eraseBy, place)],
  ])}
${closure.certificate ? html`<p class="acts"><a class="button" href="${closure.certificate}">${said.certificate}</a></p>` : html`<p>${said.certificateLater}</p>`}`;
}

/** Behind the mailed link: the days as dates, and the account's short name to be typed. */
export function confirmClosingPage(visit: Visit, clock: ClosureClock, wrong: string | null): Page {
  const { words, place, account, signed, c } = visit;
  const said = words.closing;
  return {
    title: fill(said.confirmTitle, { customer: account.customerName }),
    section: 'account',
    here: c.req.path,
    lead: said.confirmLead,
    main: html`${facts([
      [said.today, said.todayWhat],
      [said.until, lastDayText(clock.reopenUntil, place)],
      [said.by, lastDayText(clock.eraseBy, place)],
      [said.zone, place.zone],
    ])}
<form method="post" action="${c.req.path}">${tokenField(signed.token)}
${textField({ name: 'confirm', label: fill(said.type, { name: account.customerKey }), error: wrong, required: true })}
<p class="acts"><button type="submit" class="danger">${said.confirm}</button> <a class="button second" href="/portal/account">${said.keep}</a></p></form>`,
  };
}
