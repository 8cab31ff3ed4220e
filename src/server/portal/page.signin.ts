import { fill } from '../../kernel/language.ts';
import { linkMinutes } from '../../registers/portal/facts.ts';
import type { OwnAccount } from '../../registers/portal/store.sessions.ts';
import { type Html, html } from '../public/html.ts';
import { textField, tokenField } from './forms.ts';
import type { Page } from './frame.ts';
import type { Place } from './room.ts';
import { wordsIn } from './words.ts';

export type SignInState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'sent'; readonly address: string }
  | { readonly kind: 'wrong' | 'tooMany'; readonly address: string }
  | { readonly kind: 'passkeyWrong' };

/** Where an address is typed. With script, a passkey may be used instead. */
export function signInPage(place: Place, state: SignInState, demo: boolean): Page {
  const words = wordsIn(place.language).signIn;
  const { organisation } = place;
  if (state.kind === 'sent') {
    return {
      title: words.sent,
      here: '/portal/sign-in',
      lead: fill(words.sentLead, { address: state.address, minutes: linkMinutes }),
      main: html`<p>${words.sentMore}</p><p><a href="/portal/sign-in">${words.again}</a></p>`,
    };
  }
  const wrong = state.kind === 'wrong' ? words.addressWrong : null;
  const field = textField({
    name: 'address',
    label: words.address,
    hint: words.addressHint,
    error: wrong,
    value: 'address' in state ? state.address : '',
    type: 'email',
    autocomplete: 'email webauthn',
    required: true,
    maxLength: 254,
  });
  const notices = { tooMany: words.tooMany, passkeyWrong: words.passkeyWrong } as const;
  const said = state.kind in notices ? notices[state.kind as keyof typeof notices] : null;
  return {
    title: words.title,
    here: '/portal/sign-in',
    lead: fill(words.lead, { organisation }),
    notice: said ? { kind: 'wrong', text: said } : null,
    main: html`<form method="post" action="/portal/sign-in">
${field}
<button type="submit">${words.send}</button>
</form>
<div class="passkey" data-passkey="sign-in" data-failed="${words.passkeyWrong}" hidden><p>${words.or}</p>
<button type="button" class="second">${words.passkey}</button><p class="said" role="status"></p></div>
${demo ? html`<p class="demo"><a href="/portal/demo">${words.demo}</a></p>` : null}`,
  };
}

/** What a mailed link opens: a button, because looking must not use it up. */
export function enterPage(place: Place, address: string | null): Page {
  const words = wordsIn(place.language).enter;
  if (address === null) {
    return {
      title: words.over,
      lead: words.overLead,
      main: html`<p><a class="button" href="/portal/sign-in">${words.new}</a></p>`,
    };
  }
  return {
    title: fill(words.title, { organisation: place.organisation }),
    lead: fill(words.lead, { address }),
    main: html`<form method="post" action="${place.here}"><button type="submit">${words.confirm}</button></form>
<p class="small">${words.notYou}</p>`,
  };
}

export function accountsPage(
  place: Place,
  accounts: readonly OwnAccount[],
  address: string,
  token: string,
): Page {
  const words = wordsIn(place.language);
  const items = accounts.map(
    (account): Html => html`<li><form method="post" action="/portal/accounts">${tokenField(token)}
<input type="hidden" name="contact" value="${account.contactId}">
<button type="submit" class="row"><strong>${account.customerName}</strong> <span>${account.productName}</span>
<span class="soft">${words.states[account.state]}</span></button></form></li>`,
  );
  return {
    title: words.accounts.title,
    here: '/portal/accounts',
    lead: fill(words.accounts.lead, { address }),
    main: html`${accounts.length > 0 ? html`<ul class="choices">${items}</ul>` : html`<p>${words.accounts.none}</p>`}
<form method="post" action="/portal/sign-out">${tokenField(token)}<button class="quiet" type="submit">${words.signOut}</button></form>`,
  };
}
