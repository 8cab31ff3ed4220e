// The mechanical rules of the house (see STYLE.md), over every file under version control.
import { fileURLToPath } from 'node:url';
import { readHouse } from './tidy/house.ts';
import { inspect } from './tidy/inspect.ts';
import { RULES } from './tidy/rules.ts';

const begun = performance.now();
const root = fileURLToPath(new URL('..', import.meta.url));
const { lines, covered } = inspect(readHouse(root), RULES);
const seconds = ((performance.now() - begun) / 1000).toFixed(1);

for (const line of lines) console.log(line);
const seen = Object.entries(covered)
  .map(([noun, count]) => `${count.toLocaleString('en')} ${noun}`)
  .join(', ');
console.log(`tidy: ${RULES.length} rules over ${seen}; ${lines.length} findings in ${seconds} s`);
process.exitCode = lines.length === 0 ? 0 : 1;
