import assert from "node:assert/strict";
import { test } from "node:test";

import { type Chosen, forServer } from "../src/settings";

function chosen(settings: Record<string, unknown>): Chosen {
  return new Map(Object.entries(settings));
}

test("the server is told what was chosen, and none of the extension's own settings", () => {
  const settings = { "server.path": "x", "server.args": [], keybindings: "never", "trace.server": 1 };
  const told = forServer(chosen({ ...settings, portFiles: ["p"], "results.show": "message" }), false);
  assert.deepEqual(told, { portFiles: ["p"], "results.show": "message" });
});

test("results that this extension shows are shown by nobody else", () => {
  assert.equal(forServer(chosen({}), false)["results.show"], "none");
  assert.equal(forServer(chosen({ "results.show": "auto" }), false)["results.show"], "none");
});

test("a way of showing results that the user has chosen stays", () => {
  for (const way of ["inlayHint", "diagnostic", "message", "none"]) {
    assert.equal(forServer(chosen({ "results.show": way }), false)["results.show"], way);
  }
});

test("the width that the user has chosen stays", () => {
  assert.equal(forServer(chosen({ "results.width": 30 }), false)["results.width"], 30);
  assert.equal(forServer(chosen({}), false)["results.width"], 80);
  const asHints = chosen({ "results.show": "inlayHint" });
  assert.equal("results.width" in forServer(asHints, false), false);
});

test("beside Calva the profile is complement, unless the user has chosen one", () => {
  assert.equal(forServer(chosen({}), true).profile, "complement");
  assert.equal(forServer(chosen({ profile: "full" }), true).profile, "full");
  assert.equal("profile" in forServer(chosen({}), false), false);
});
