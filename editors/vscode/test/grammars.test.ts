// Each grammar, by the library that VS Code colours with.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { loadWASM, OnigScanner, OnigString } from "vscode-oniguruma";
import { INITIAL, type IRawGrammar, Registry } from "vscode-textmate";

import { contributes } from "../package.json";
import { LANGUAGES } from "../src/languages";

const GRAMMARS = new Map(contributes.grammars.map(({ scopeName, path }) => [scopeName, path]));
// What VS Code itself has.
const CLOJURE = { scopeName: "source.clojure", patterns: [], repository: {} } as unknown as IRawGrammar;

// `npm test` is run in the extension's folder.
const loaded = loadWASM(readFileSync("node_modules/vscode-oniguruma/release/onig.wasm"));
const registry = new Registry({
  onigLib: loaded.then(() => ({
    createOnigScanner: (patterns) => new OnigScanner(patterns),
    createOnigString: (text) => new OnigString(text),
  })),
  loadGrammar: (scope) => {
    const path = GRAMMARS.get(scope);
    const read = () => JSON.parse(readFileSync(path ?? "", "utf8")) as IRawGrammar;
    return Promise.resolve(path === undefined ? CLOJURE : read());
  },
});

/** Each token of a text that is more than blanks, and its innermost scope: `comment.line: ; x`. */
async function tokens(language: string, text: string): Promise<string[]> {
  const grammar = await registry.loadGrammar(`source.${language}`);
  assert.ok(grammar);
  let state = INITIAL;
  const found: string[] = [];
  let last = "";
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of tokens) {
      const scope = scopes.at(-1)?.replace(/\.[^.]*$/, "") ?? "";
      const part = line.slice(startIndex, endIndex);
      // A string's quotes are tokens of their own.
      if (scope === last && /^(string|comment)/.test(scope)) {
        found.push((found.pop() ?? "") + part);
      } else if (part.trim() && scope !== "source") {
        found.push(`${scope}: ${part}`);
      }
      last = scope;
    }
    last = "";
  }
  return found;
}

/** That these stand in a text, in this order, whatever is between. */
async function has(language: string, text: string, expected: string[]): Promise<void> {
  const found = await tokens(language, text);
  let at = 0;
  for (const one of expected) {
    const next = found.indexOf(one, at);
    assert.notEqual(next, -1, `${one}\nis not in\n${found.slice(at).join("\n")}`);
    at = next + 1;
  }
}

test("every language that VS Code has no colours for has a grammar", () => {
  const coloured = contributes.grammars.map(({ language }) => language);
  assert.deepEqual(LANGUAGES.filter((language) => !coloured.includes(language)), ["clojure"]);
});

test("Basilisp is coloured as Clojure is", () => {
  const grammar = JSON.parse(readFileSync(GRAMMARS.get("source.basilisp") ?? "", "utf8")) as IRawGrammar;
  assert.deepEqual(grammar.patterns, [{ include: "source.clojure" }]);
});

test("Fennel", () =>
  has("fennel", '(fn area [r] "a\\n" (* 3.5 r)) ; why\n(if true :key (λ [...] #(+ $1 0xff)))', [
    "storage.type: fn",
    "entity.name.function: area",
    "string.quoted.double: \"a",
    "constant.character.escape: \\n",
    "entity.name.function: *",
    "constant.numeric: 3.5",
    "comment.line.semicolon: ; why",
    "keyword.control: if",
    "constant.language: true",
    "string.unquoted: :key",
    "storage.type: λ",
    "constant.language: ...",
    "variable.language: $1",
    "constant.numeric: 0xff",
  ]));

test("Janet", () =>
  has("janet", '(defn- area :private "a" [r] (* 3 r)) # why\n(when nil ``a ` ; # b\nc`` :key 16r1f)', [
    "storage.type: defn-",
    "entity.name.function: area",
    "constant.language.symbol: :private",
    'string.quoted.double: "a"',
    "entity.name.function: *",
    "constant.numeric: 3",
    "comment.line.number-sign: # why",
    "keyword.control: when",
    "constant.language: nil",
    "string.quoted.other: ``a ` ; # b",
    "string.quoted.other: c``",
    "constant.language.symbol: :key",
    "constant.numeric: 16r1f",
  ]));

test("Hy", () =>
  has("hy", '(defn [cached] area [r] f"a {(* 3 r)} {{b" #[x[ "raw" ]x] :key) ; why\n(if None 1_000 #_ r"\\d")', [
    "storage.type: defn",
    "entity.name.function: area",
    'string.interpolated: f"a ',
    "entity.name.function: *",
    "constant.numeric: 3",
    "constant.character.escape: {{",
    'string.interpolated: b"',
    'string.quoted.other: #[x[ "raw" ]x]',
    "constant.language.symbol: :key",
    "comment.line.semicolon: ; why",
    "keyword.control: if",
    "constant.language: None",
    "constant.numeric: 1_000",
    "comment.block.discard: #_",
  ]));

test("Scheme", () =>
  has("scheme", '(define (area r) (* #xff r)) #| a #| b |# c |# (if #t #\\space "a" \'|b c|) ; why', [
    "storage.type: define",
    "entity.name.function: area",
    "entity.name.function: *",
    "constant.numeric: #xff",
    "comment.block: #| a #| b |# c |#",
    "keyword.control: if",
    "constant.language: #t",
    "constant.character: #\\space",
    'string.quoted.double: "a"',
    "variable.other: |b c|",
    "comment.line.semicolon: ; why",
  ]));

test("Racket", () =>
  has("racket", '#lang racket/base\n(struct point (x y))\n(define s #<<END\n(define "x)\nEND\n)\n(f #:key #px"\\d" 1/2)', [
    "keyword.control: #lang",
    "entity.name.namespace: racket/base",
    "storage.type: struct",
    "entity.name.function: point",
    "storage.type: define",
    'string.unquoted.heredoc: (define "x)',
    "entity.name.function: f",
    "constant.language.symbol: #:key",
    "constant.character.escape: \\d",
    "constant.numeric: 1/2",
  ]));

test("Common Lisp", () =>
  has("commonlisp", "(DEFUN area (r &optional *x*) (let ((a #\\A)) (* 3d0 r))) ; why\n(in-package :demo) #|a|# nil", [
    "storage.type: DEFUN",
    "entity.name.function: area",
    "variable.language: &optional",
    "variable.language: *x*",
    "keyword.control: let",
    "constant.character: #\\A",
    "constant.numeric: 3d0",
    "comment.line.semicolon: ; why",
    "storage.type: in-package",
    "comment.block: #|a|#",
    "constant.language: nil",
  ]));

test("a symbol is no number, and no word of the language because it begins like one", async () => {
  for (const language of ["fennel", "janet", "hy", "scheme", "racket", "commonlisp"]) {
    assert.deepEqual(
      (await tokens(language, "(if-x 1+ x1 nil? defx)")).filter((one) => !one.includes("section")),
      ["entity.name.function: if-x"],
      language,
    );
  }
});

test("the brackets of whole files that are neither in strings nor in comments are balanced", async () => {
  const samples = { fennel: "fnl", janet: "janet", hy: "hy", scheme: "scm", racket: "rkt", commonlisp: "lisp" };
  for (const [language, suffix] of Object.entries(samples)) {
    const text = readFileSync(`../../tests/samples/shapes.${suffix}`, "utf8");
    const found = await tokens(language, text);
    const count = (bracket: string) =>
      found.filter((one) => one === `punctuation.section: ${bracket}`).length;
    assert.ok(count("(") > 20, language);
    assert.equal(count("("), count(")"), language);
    assert.equal(count("{"), count("}"), language);
  }
});
