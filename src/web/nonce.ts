/** What `index.html` holds until the server puts a nonce in its place. */
const PLACEHOLDER = '__CSP_NONCE__';

/**
 * The nonce that the server put into the page for `<style>` elements, which responsive style props
 * of Mantine write. The kit itself needs none.
 */
export function styleNonce(): string {
  const content = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
  return content && content !== PLACEHOLDER ? content : '';
}
