/* The portal does without this; it makes three things better: progress, passkeys, ticking all. */

/** Bars of exports that are being made follow them; when one is over, its page shows what is there. */
function follow(box) {
  const bar = box.querySelector('progress');
  const line = box.querySelector('[data-text]');
  const state = box.closest('section')?.querySelector('[data-state]');
  const ask = async () => {
    const answer = await fetch(box.dataset.progress, {
      headers: { accept: 'application/json' },
    }).catch(() => null);
    if (!answer?.ok) return setTimeout(ask, 5000);
    const shown = await answer.json();
    if (shown.state !== 'asked' && shown.state !== 'running') return location.reload();
    bar.value = shown.percent;
    bar.textContent = `${shown.percent} %`;
    line.textContent = shown.text;
    if (state) state.textContent = shown.stateText;
    return setTimeout(ask, 1000);
  };
  ask();
}

async function send(path, body, token) {
  const headers = {
    'content-type': 'application/json',
    ...(token ? { 'x-portal-token': token } : {}),
  };
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body ?? {}) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function register(token) {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(
    await send('/portal/passkeys/options', null, token),
  );
  const made = await navigator.credentials.create({ publicKey: options });
  return send('/portal/passkeys', made.toJSON(), token);
}

async function signIn() {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(
    await send('/portal/sign-in/passkey/options'),
  );
  const given = await navigator.credentials.get({ publicKey: options });
  return send('/portal/sign-in/passkey', given.toJSON());
}

/** Shown only where the browser can. */
function offer(box) {
  const able =
    typeof PublicKeyCredential === 'function' && PublicKeyCredential.parseCreationOptionsFromJSON;
  if (!able) return;
  box.hidden = false;
  const button = box.querySelector('button');
  const said = box.querySelector('.said');
  button.addEventListener('click', async () => {
    said.textContent = '';
    button.disabled = true;
    try {
      const { to } = await (box.dataset.passkey === 'register'
        ? register(box.dataset.token)
        : signIn());
      const next = new URL(to, location.href);
      const isSamePage = next.pathname === location.pathname;
      location.assign(next.pathname);
      if (isSamePage) location.reload();
    } catch {
      said.textContent = box.dataset.failed;
      button.disabled = false;
    }
  });
}

for (const box of document.querySelectorAll('[data-progress]')) follow(box);
for (const box of document.querySelectorAll('[data-passkey]')) offer(box);
