import assert from "node:assert/strict";
import { test } from "node:test";

import { withTitles } from "../src/titles";

test("a command to run is called as in the palette", () => {
  assert.equal(
    withTitles("No REPL is attached: start an nREPL server in the project, or run nrepl.connect."),
    "No REPL is attached: start an nREPL server in the project, or run “nREPL: Connect…”.",
  );
  assert.equal(
    withTitles("The namespace demo is not loaded: load its file (nrepl.loadFile)."),
    "The namespace demo is not loaded: load its file (“nREPL: Load File”).",
  );
});

test("what else begins with nrepl stays: settings, namespaces, and commands of others", () => {
  for (const sentence of [
    "Settings: nrepl.connect must be a text or a port",
    "with nrepl.snippets switched off",
    "run nrepl.core/connect",
    "Loaded (nrepl.status/all)",
    "Loaded nrepl.status",
    "(nrepl.unheardOf)",
  ]) {
    assert.equal(withTitles(sentence), sentence);
  }
});
