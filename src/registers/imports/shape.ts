/**
 * Whether a text looks like `user permission` lines rather than a table: every one of its first
 * lines has two fields with blanks between, and none of a table's separators.
 */
export function isPairs(text: string): boolean {
  const lines = text
    .slice(0, 4096)
    .split(/\r?\n/)
    .slice(0, 20)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  // The last line may have been cut in the middle.
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
  return whole.length > 0 && whole.every((line) => !/[,;"]/.test(line) && /^\S+ +\S+$/.test(line));
}
