import type { House } from './house.ts';
import type { Finding, Rule } from './rule.ts';
import type { Source } from './source.ts';

const FUNCTION_LINES = 70;
const FILE_LINES = 400;

/** What fits a head: a function on a screen, a file in a sitting. */
export const size: Rule = {
  name: 'size',
  judge(house: House) {
    const findings: Finding[] = [];
    let functions = 0;
    for (const source of house.sources) {
      if (source.lineCount > FILE_LINES) {
        findings.push({
          path: source.path,
          line: 1,
          message: `file of ${source.lineCount} lines, limit ${FILE_LINES}`,
        });
      }
      const suites = source.isTest ? suiteBodies(source) : new Set<number>();
      for (const node of functionsOf(source)) {
        functions += 1;
        const line = source.lineAt(node.start);
        const lines = source.lineAt(node.end) - line + 1;
        if (lines <= FUNCTION_LINES || suites.has(node.start)) continue;
        findings.push({
          path: source.path,
          line,
          message: `function of ${lines} lines, limit ${FUNCTION_LINES}`,
        });
      }
    }
    return { findings, covered: { functions } };
  },
};

function functionsOf(source: Source) {
  return [
    ...source.nodes('FunctionDeclaration'),
    ...source.nodes('FunctionExpression'),
    ...source.nodes('ArrowFunctionExpression'),
  ];
}

/** Where the bodies of `describe` start: they are chapters, not functions. */
function suiteBodies(source: Source): Set<number> {
  const starts = new Set<number>();
  for (const call of source.nodes('CallExpression')) {
    if (!/^describe\b/.test(source.text.slice(call.callee.start, call.callee.end))) continue;
    for (const argument of call.arguments) starts.add(argument.start);
  }
  return starts;
}
