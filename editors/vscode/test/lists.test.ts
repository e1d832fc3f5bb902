import assert from "node:assert/strict";
import { test } from "node:test";

import { namespaceItems, sessionItems } from "../src/lists";

const FIRST = "1f0c2b3a-9d1e-4c55-8a77-0123456789ab";
const SECOND = "77aa00ff-0000-4000-8000-0123456789ab";

function session(id: string | null, current: boolean, ns: string | null) {
  return { session: id, current, ns };
}

test("the current namespace comes first, and once", () => {
  const items = namespaceItems({ namespaces: ["a", "demo", "user"], ns: "demo" });
  assert.deepEqual(items.map(({ label, description }) => [label, description]), [
    ["demo", "now"],
    ["a", ""],
    ["user", ""],
  ]);
  assert.deepEqual(items[1]?.argument, { ns: "a" });
  assert.equal(items[1].command, "nrepl.switchNamespace");
});

test("no namespace is current where none is known, and nothing is offered where there is none", () => {
  assert.deepEqual(namespaceItems({ namespaces: ["a"], ns: null }).map(({ description }) => description), [""]);
  assert.deepEqual(namespaceItems({ namespaces: [], ns: null }), []);
});

test("the current session comes first, the new one last", () => {
  const items = sessionItems({
    sessions: [session(FIRST, false, "user"), session(SECOND, true, "demo")],
  });
  assert.deepEqual(items.map(({ label, description }) => [label, description]), [
    ["$(pass-filled) demo", "now, 77aa00ff"],
    ["$(circle-large-outline) user", "1f0c2b3a"],
    ["$(add) New session, keep this one", ""],
  ]);
  assert.deepEqual(items.map(({ command, argument }) => [command, argument]), [
    ["nrepl.switchSession", { session: SECOND }],
    ["nrepl.switchSession", { session: FIRST }],
    ["nrepl.newSession", { keep: true }],
  ]);
});

test("an id that is no UUID stays whole: its beginning may be that of others", () => {
  const [first, second] = sessionItems({
    sessions: [session("session-1", true, null), session(null, false, null)],
  });
  assert.equal(first?.label, "$(pass-filled) a session");
  assert.equal(first.description, "now, session-1");
  assert.equal(second?.description, "");
});

test("where no session is known no other one is offered", () => {
  assert.deepEqual(sessionItems({ sessions: [] }), []);
});
