import { readFileSync } from "node:fs";
import ts from "typescript";

/**
 * `describe`, `describeRooms` and similar functions, whose title is part of their tests' titles.
 */
const GROUP = /^(?:test\.)?describe\w*$/;
const TEST = /^(?:it|test)$/;

/**
 * Returns the full titles of the tests in a file, as their runner does: the groups' titles, then
 * the test's own. A part that is known only at runtime, such as `%s` or `${name}`, is a `…`.
 */
export function testNames(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  return namesIn(file, []);
}

function namesIn(node: ts.Node, groups: readonly string[]): string[] {
  const inside = (child: ts.Node) => childrenOf(child).flatMap((inner) => namesIn(inner, groups));
  if (!ts.isCallExpression(node)) return inside(node);
  const called = calledName(node.expression);
  const title = titleOf(node.arguments[0], isEach(node.expression));
  if (title === undefined || !(GROUP.test(called) || TEST.test(called))) return inside(node);
  const titles = [...groups, title];
  if (TEST.test(called)) return [titles.join(" ")];
  return node.arguments.slice(1).flatMap((body) => namesIn(body, titles));
}

function childrenOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = [];
  node.forEachChild((child) => void children.push(child));
  return children;
}

/**
 * Returns the name of the called function: `it` of `it("…")`, of `it.skipIf(x)("…")` and of
 * `it.each([…])("…")`.
 */
function calledName(expression: ts.Expression): string {
  if (ts.isCallExpression(expression)) return calledName(expression.expression);
  if (!ts.isPropertyAccessExpression(expression)) return expression.getText();
  const isModifier = /^(?:each|skipIf|runIf)$/.test(expression.name.text);
  return isModifier ? calledName(expression.expression) : expression.getText();
}

/** Whether a title has placeholders: `it.each([…])("…")`. */
function isEach(expression: ts.Expression): boolean {
  return (
    ts.isCallExpression(expression) &&
    ts.isPropertyAccessExpression(expression.expression) &&
    expression.expression.name.text === "each"
  );
}

function titleOf(title: ts.Expression | undefined, hasHoles: boolean): string | undefined {
  if (!title) return undefined;
  if (ts.isStringLiteralLike(title)) {
    return hasHoles ? title.text.replaceAll(/%\w|\$\w+/g, "…") : title.text;
  }
  if (!ts.isTemplateExpression(title)) return undefined;
  return [title.head.text, ...title.templateSpans.map(({ literal }) => literal.text)].join("…");
}
