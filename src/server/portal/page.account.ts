import { fill, languages } from '../../kernel/language.ts';
import type { StandingContact } from '../../registers/customers/facts.ts';
import { parts, tellings } from '../../registers/customers/facts.ts';
import type { KnownCustomer } from '../../registers/customers/store.ts';
import type { Passkey } from '../../registers/portal/store.passkeys.ts';
import type { ShownSession } from '../../registers/portal/store.sessions.ts';
import { languageNames } from '../public/frame.ts';
import { type Html, html } from '../public/html.ts';
import { choiceField, textField, tokenField } from './forms.ts';
import type { Notice, Page } from './frame.ts';
import { facts, table, text, timeOf } from './texts.ts';
import type { Visit } from './visit.ts';

interface ShownAccount {
  readonly customer: KnownCustomer | null;
  readonly contacts: readonly StandingContact[];
  readonly sessions: readonly ShownSession[];
  readonly passkeys: readonly Passkey[];
}

export function accountPage(visit: Visit, it: ShownAccount, notice: Notice | null): Page {
  const { words, account } = visit;
  const said = words.account;
  const isOwner = account.part === 'owner' && account.state === 'open';
  const { customer } = it;
  const basis = customer ? `${words.cases.bases[customer.basis]} ${customer.basisReference}` : '–';
  return {
    title: said.title,
    section: 'account',
    here: '/portal/account',
    wide: true,
    notice,
    main: html`${facts([
      [said.name, account.customerName],
      [said.key, account.customerKey],
      [said.product, account.productName],
      [said.basis, basis],
      [said.state, words.states[account.state]],
      [said.part, `${said.parts[account.part]} (${account.email})`],
    ])}
${contactsSection(visit, it, isOwner)}
${tellingSection(visit, it, isOwner)}
${languageSection(visit, it)}
${passkeySection(visit, it)}
${sessionsSection(visit, it)}
<section class="after"><h2>${words.closing.title}</h2><p>${words.closing.link}</p>
<p class="acts"><a class="button danger" href="/portal/close">${account.state === 'open' ? words.closing.open : words.closing.see}</a></p></section>`,
  };
}

/** Whom our staff added or readdressed, and by whose word it is right: that of an owner who is confirmed. */
function waitingNote(
  { words, account, signed }: Visit,
  contact: StandingContact,
  mayConfirm: boolean,
): Html | null {
  if (!contact.unconfirmedSince) return null;
  const said = words.account;
  const note = (says: string) => html`<div class="soft">${says}</div>`;
  if (!mayConfirm || contact.id === account.contactId) return note(said.waitsForOthers);
  return html`${note(said.waits)}<form class="inline" method="post" action="/portal/account/contacts/${contact.id}/confirm">${tokenField(signed.token)}<input type="hidden" name="version" value="${contact.version}"><button type="submit" class="quiet">${said.confirm}<span class="spoken"> ${contact.name}</span></button></form>`;
}

function contactsSection(visit: Visit, { contacts }: ShownAccount, isOwner: boolean): Html {
  const { words, account, signed } = visit;
  const said = words.account;
  const self = contacts.find(({ id }) => id === account.contactId);
  const mayConfirm = isOwner && self?.unconfirmedSince === null;
  const rows = contacts.map((it) => [
    html`${it.name}${it.id === account.contactId ? html` <span class="soft">${said.you}</span>` : null}${waitingNote(visit, it, mayConfirm)}`,
    text(it.email),
    text(languageNames[it.language]),
    isOwner && it.id !== account.contactId
      ? html`<form class="inline" method="post" action="/portal/account/contacts/${it.id}">${tokenField(signed.token)}<input type="hidden" name="version" value="${it.version}">
<select name="part" aria-label="${fill(said.partOf, { name: it.name })}">${parts.map((part) => html`<option value="${part}"${part === it.part ? html` selected` : null}>${said.parts[part]}</option>`)}</select>
<button type="submit" class="quiet">${said.save}</button></form>
<form class="inline" method="post" action="/portal/account/contacts/${it.id}/remove">${tokenField(signed.token)}<button type="submit" class="quiet danger">${said.remove}<span class="spoken"> ${it.name}</span></button></form>`
      : text(said.parts[it.part]),
  ]);
  const add = html`<details class="more"><summary>${said.add}</summary><form method="post" action="/portal/account/contacts">${tokenField(signed.token)}
${textField({ name: 'name', label: said.contactName, required: true, maxLength: 200 })}
${textField({ name: 'email', label: said.contactEmail, type: 'email', required: true, maxLength: 254 })}
${choiceField(
  { name: 'part', label: said.part, hint: said.partHint, value: 'member' },
  parts.map((part) => [part, said.parts[part]] as const),
)}
${choiceField(
  { name: 'language', label: said.contactLanguage, value: account.language },
  languages.map((it) => [it, languageNames[it]] as const),
)}
<button type="submit">${said.addSend}</button></form></details>`;
  return html`<section>${table(said.contacts, [[said.contactName], [said.contactEmail], [said.contactLanguage], [said.part]], rows)}${isOwner ? add : null}</section>`;
}

function tellingSection(
  { words, signed }: Visit,
  { customer }: ShownAccount,
  isOwner: boolean,
): Html | null {
  const said = words.account;
  if (!customer) return null;
  if (!isOwner)
    return html`<section class="after"><h2>${said.telling}</h2><p>${said.tellings[customer.told]}</p></section>`;
  return html`<section class="after"><h2>${said.telling}</h2><form method="post" action="/portal/account/telling">${tokenField(signed.token)}<input type="hidden" name="version" value="${customer.version}">
${choiceField(
  { name: 'told', label: said.tellingLabel, hint: said.tellingHint, value: customer.told },
  tellings.map((it) => [it, said.tellings[it]] as const),
)}
<button type="submit" class="second">${said.save}</button></form></section>`;
}

function languageSection({ words, account, signed }: Visit, { contacts }: ShownAccount): Html {
  const said = words.account;
  const version = contacts.find(({ id }) => id === account.contactId)?.version ?? 0;
  const choices = languages.map((it) => [it, languageNames[it]] as const);
  // Its own id: the form for new contacts has a field of languages as well.
  const options = choices.map(
    ([key, name]) =>
      html`<option value="${key}"${key === account.language ? html` selected` : null}>${name}</option>`,
  );
  return html`<section class="after"><h2>${said.language}</h2><form method="post" action="/portal/account/language">${tokenField(signed.token)}<input type="hidden" name="version" value="${version}">
<div class="field"><label for="own-language">${said.languageLabel}</label><select id="own-language" name="language">${options}</select></div>
<button type="submit" class="second">${said.save}</button></form></section>`;
}

function passkeySection({ words, place, signed }: Visit, { passkeys }: ShownAccount): Html {
  const said = words.passkeys;
  const rows = passkeys.map((it) => [
    text(it.device || said.unknown),
    timeOf(it.madeAt, place),
    it.lastUsedAt ? timeOf(it.lastUsedAt, place) : text('–'),
    html`<form class="inline" method="post" action="/portal/passkeys/${it.id}/remove">${tokenField(signed.token)}<button type="submit" class="quiet danger">${said.remove}</button></form>`,
  ]);
  return html`<section id="passkeys">${rows.length > 0 ? table(said.title, [[said.device], [said.made], [said.used], [said.act]], rows) : html`<h2>${said.title}</h2><p class="empty">${said.none}</p>`}
<div class="passkey" data-passkey="register" data-token="${signed.token}" data-failed="${said.failed}" hidden><button type="button" class="second">${said.add}</button><p class="said" role="status"></p></div>
<noscript><p class="small">${said.needsScript}</p></noscript></section>`;
}

function sessionsSection(
  { words, place, signed, session }: Visit,
  { sessions }: ShownAccount,
): Html {
  const said = words.sessions;
  const rows = sessions.map((it) => [
    html`${it.device || said.unknown}${it.id === session.id ? html` <strong>${said.this}</strong>` : null}`,
    text(said.ways[it.way]),
    timeOf(it.madeAt, place),
    it.ended
      ? html`${said.ended} ${timeOf(it.endsAt, place)}`
      : html`${said.signedIn} <form class="inline" method="post" action="/portal/sessions/${it.id}/end">${tokenField(signed.token)}<button type="submit" class="quiet danger">${said.end}</button></form>`,
  ]);
  return html`<section>${table(said.title, [[said.device], [said.way], [said.began], [said.state]], rows)}</section>`;
}
