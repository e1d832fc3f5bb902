import assert from "node:assert/strict";
import { test } from "node:test";

import { withTitles } from "../src/titles";

test("a command to run is called as in the palette", () => {
  assert.equal(
    withTitles("No REPL is attached: run nrepl.connect, or start an nREPL server in the project."),
    "No REPL is attached: run “nREPL: Connect…”, or start an nREPL server in the project.",
  );
  assert.equal(
    withTitles("Load the file first (nrepl.loadFile): the namespace demo is not loaded."),
    "Load the file first (“nREPL: Load File”): the namespace demo is not loaded.",
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
