/** Only a path of this site: an address from outside would make the sign-in page send people elsewhere. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/console';
}
