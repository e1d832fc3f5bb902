import assert from "node:assert/strict";
import { test } from "node:test";

import type { Evaluation, Output } from "../src/protocol";
import { duration, placeOf, Transcript } from "../src/transcript";

const NOON = new Date(2026, 0, 2, 12, 3, 4);

function evaluation(id: string, more: Partial<Evaluation> = {}): Evaluation {
  return {
    evaluation: id,
    uri: "file:///home/me/demo/de%20mo.clj",
    range: { start: { line: 11, character: 2 }, end: { line: 11, character: 10 } },
    quiet: false,
    title: "(area 3)",
    state: "sent",
    ...more,
  };
}

function output(id: string, text: string, cut = 0): Output {
  return { evaluation: id, text, cut };
}

test("a place is a file, a line and a column, counted from 1", () => {
  assert.equal(placeOf(evaluation("1")), "de mo.clj:12:3");
  assert.equal(placeOf(evaluation("1", { range: null })), "de mo.clj");
  assert.equal(placeOf(evaluation("1", { uri: null, range: null })), "");
  assert.equal(placeOf(evaluation("1", { uri: "untitled:Untitled-1" })), "untitled:Untitled-1:12:3");
});

test("a URI that is none breaks nothing", () => {
  assert.equal(placeOf(evaluation("1", { uri: "file:///100%.clj", range: null })), "100%.clj");
});

test("durations are said in people's units", () => {
  assert.deepEqual([0.0031, 0.9994, 1.25, 59.9, 61.5].map(duration), [
    "3 ms",
    "999 ms",
    "1.3 s",
    "59.9 s",
    "1 min 1 s",
  ]);
});

test("an evaluation stands with its place, its code, its output and its value", () => {
  const transcript = new Transcript();
  const text =
    transcript.began(evaluation("7"), NOON) +
    transcript.printed(output("7", "3 shapes")) +
    transcript.ended(evaluation("7", { state: "done", values: ["27"], seconds: 0.003 }));
  assert.equal(
    text,
    ";; #7 12:03:04 de mo.clj:12:3\n> (area 3)\n3 shapes\n=> 27\n;; #7 done after 3 ms\n\n",
  );
});

test("an error stands with its sentence, also when there is none", () => {
  const transcript = new Transcript();
  transcript.began(evaluation("7"), NOON);
  const error = { message: "Divide by zero" };
  const text = transcript.ended(evaluation("7", { state: "error", values: [], error }));
  assert.equal(text, "✗ Divide by zero\n;; #7 error\n\n");
  assert.match(transcript.ended(evaluation("7", { state: "error" })), /^✗ It failed\.$/m);
});

test("what another evaluation prints meanwhile says whose it is", () => {
  const transcript = new Transcript();
  transcript.began(evaluation("1"), NOON);
  transcript.printed(output("1", "no end of line"));
  assert.equal(transcript.printed(output("2", "late\n")), "\n;; #2\nlate\n");
  assert.equal(transcript.printed(output("2", "more\n")), "more\n");
  assert.equal(transcript.printed(output("1", "again\n")), ";; #1\nagain\n");
});

test("what was not sent is counted", () => {
  const transcript = new Transcript();
  transcript.began(evaluation("1"), NOON);
  assert.equal(transcript.printed(output("1", "abc", 12)), "abc\n;; … 12 more characters\n");
});

test("a given line ends the prompt's line", () => {
  const transcript = new Transcript();
  transcript.began(evaluation("1"), NOON);
  transcript.printed(output("1", "Name: "));
  assert.equal(transcript.answered(evaluation("1"), "Ada"), "Ada\n");
  assert.equal(transcript.printed(output("1", "Hello\n")), "Hello\n");
});
