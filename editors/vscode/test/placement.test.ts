import assert from "node:assert/strict";
import { test } from "node:test";

import type { Range } from "vscode-languageclient/node";

import { byLine, edited, type Edit, moved, type Result } from "../src/placement";

/** `(a)` on the lines and columns as they are written: `range(2, 3, 2, 6)`. */
function range(line: number, from: number, endLine: number, to: number): Range {
  return { start: { line, character: from }, end: { line: endLine, character: to } };
}

function edit(where: Range, text: string): Edit {
  return { range: where, text };
}

function result(evaluation: string, place: Range): Result {
  return { evaluation, place, summary: `=> ${evaluation}`, isError: false };
}

test("an edit behind a form leaves it where it is", () => {
  const place = range(2, 3, 2, 6);
  assert.deepEqual(moved(place, edit(range(2, 6, 2, 6), " ; note")), place);
  assert.deepEqual(moved(place, edit(range(3, 0, 4, 0), "")), place);
});

test("a line before a form moves it down", () => {
  assert.deepEqual(moved(range(2, 3, 4, 6), edit(range(0, 0, 0, 0), "\n")), range(3, 3, 5, 6));
  assert.deepEqual(moved(range(2, 3, 4, 6), edit(range(0, 0, 0, 0), "a\r\nb\r\n")), range(4, 3, 6, 6));
});

test("lines that go before a form move it up", () => {
  assert.deepEqual(moved(range(5, 0, 6, 1), edit(range(1, 0, 3, 0), "")), range(3, 0, 4, 1));
});

test("text before a form on its line moves its first line only", () => {
  assert.deepEqual(moved(range(2, 3, 2, 6), edit(range(2, 0, 2, 1), "abc")), range(2, 5, 2, 8));
  assert.deepEqual(moved(range(2, 3, 4, 6), edit(range(2, 3, 2, 3), "xy")), range(2, 5, 4, 6));
});

test("a break right before a form puts it to the start of the next line", () => {
  assert.deepEqual(moved(range(2, 3, 2, 6), edit(range(2, 3, 2, 3), "\n  ")), range(3, 2, 3, 5));
});

test("joining a form's line with the one before puts it behind that", () => {
  assert.deepEqual(moved(range(2, 3, 2, 6), edit(range(1, 8, 2, 3), " ")), range(1, 9, 1, 12));
});

test("an edit in a form, or over its edge, ends its result", () => {
  const place = range(2, 3, 2, 6);
  assert.equal(moved(place, edit(range(2, 4, 2, 4), "x")), undefined);
  assert.equal(moved(place, edit(range(2, 5, 2, 9), "")), undefined);
  assert.equal(moved(place, edit(range(0, 0, 9, 0), "")), undefined);
});

test("edits of one change are all of the text before it", () => {
  const before = [result("1", range(1, 0, 1, 3)), result("2", range(5, 0, 5, 3))];
  const edits = [edit(range(0, 0, 0, 0), "\n"), edit(range(3, 0, 4, 0), "")];
  const places = edited(before, edits).map(({ place }) => place);
  assert.deepEqual(places, [range(2, 0, 2, 3), range(5, 0, 5, 3)]);
  assert.deepEqual(edited(before, [...edits].reverse()), edited(before, edits));
});

test("what an edit ended does not come back", () => {
  const before = [result("1", range(1, 0, 1, 3)), result("2", range(5, 0, 5, 3))];
  const left = edited(before, [edit(range(1, 1, 1, 2), "")]);
  assert.deepEqual(left.map(({ evaluation }) => evaluation), ["2"]);
});

test("results of a line stand in the order of their forms", () => {
  const results = [
    result("last", range(1, 9, 1, 12)),
    result("first", range(0, 0, 1, 2)),
    result("other", range(4, 0, 4, 2)),
  ];
  const lines = byLine(results).map(([line, those]) => [line, ...those.map((one) => one.evaluation)]);
  assert.deepEqual(lines, [
    [1, "first", "last"],
    [4, "other"],
  ]);
});
