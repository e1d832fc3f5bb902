import assert from "node:assert/strict";
import { test } from "node:test";

import { connectionOf, details, nameOf, shortly, stateOf } from "../src/connections";
import type { Connection } from "../src/protocol";

function connection(more: Partial<Connection> = {}): Connection {
  return {
    root: "/home/me/app",
    state: "ready",
    address: "nrepl://127.0.0.1:7888",
    problem: null,
    ns: "demo",
    server: "nrepl 1.0.0",
    language: "clojure",
    ...more,
  };
}

test("a file belongs to the innermost root around it", () => {
  const outer = connection();
  const inner = connection({ root: "/home/me/app/tools" });
  const beside = connection({ root: "/home/me/app2" });
  const all = [beside, outer, inner];
  assert.equal(connectionOf(all, "/home/me/app/src/demo.clj"), outer);
  assert.equal(connectionOf(all, "/home/me/app/tools/x.clj"), inner);
  assert.equal(connectionOf(all, "/home/me/app2/x.clj"), beside);
});

test("a file of no project belongs to the connection without a root, else to the only one", () => {
  const rootless = connection({ root: null });
  assert.equal(connectionOf([connection(), rootless], "/elsewhere/x.clj"), rootless);
  const [first, second] = [connection(), connection({ root: "/b" })];
  assert.equal(connectionOf([first], "/elsewhere/x.clj"), first);
  assert.equal(connectionOf([first], undefined), first);
  assert.equal(connectionOf([first, second], "/elsewhere/x.clj"), undefined);
  assert.equal(connectionOf([first, second], undefined), undefined);
  assert.equal(connectionOf([], "/x.clj"), undefined);
});

test("roots and files of Windows, and roots that end in a slash", () => {
  const one = connection({ root: "c:\\me\\app" });
  const two = connection({ root: "c:\\me\\other\\" });
  assert.equal(connectionOf([two, one], "c:\\me\\app\\x.clj"), one);
  assert.equal(connectionOf([one, two], "c:\\me\\other\\x.clj"), two);
  assert.equal(nameOf(two), "other");
});

test("the status bar says namespace and server, without gaps where one is not known", () => {
  assert.match(shortly(connection(), 0, 0), /nREPL: demo \(nrepl 1\.0\.0\)$/);
  assert.match(shortly(connection({ ns: null }), 0, 0), /nREPL: nrepl 1\.0\.0$/);
  const bare = connection({ ns: null, server: null, language: null });
  assert.match(shortly(bare, 0, 0), /nREPL: connected$/);
});

test("the status bar says what is not as it should be", () => {
  assert.match(shortly(undefined, 0, 0), /not connected/);
  assert.equal(shortly(undefined, 0, 0, 2), "nREPL: 2 programs");
  assert.match(shortly(connection({ state: "lost" }), 0, 0), /\$\(warning\) nREPL: connection lost/);
  assert.match(shortly(connection({ state: "connecting" }), 0, 0), /connecting …/);
  assert.equal(stateOf(connection({ state: "detached" })), "not connected");
});

test("the status bar says that something runs, and that it waits for the user", () => {
  assert.match(shortly(connection(), 1, 0), /^\$\(loading~spin\) nREPL: demo/);
  assert.match(shortly(connection(), 2, 1), /waits for input/);
});

test("a server is named once", () => {
  const basilisp = connection({ language: "basilisp", server: "basilisp 0.5.1", ns: null });
  assert.deepEqual(details(basilisp), ["basilisp 0.5.1", "nrepl://127.0.0.1:7888"]);
  assert.deepEqual(details(connection()), [
    "clojure, nrepl 1.0.0",
    "namespace demo",
    "nrepl://127.0.0.1:7888",
  ]);
  const lost = connection({ state: "lost", server: null, language: null, problem: "It is gone." });
  assert.deepEqual(details(lost), ["namespace demo", "nrepl://127.0.0.1:7888", "It is gone."]);
});
