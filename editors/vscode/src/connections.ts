// What the status bar says of the connections. Nothing of VS Code in here.

import type { Connection } from "./protocol";

/** The connection that a file belongs to: that of the innermost root around it, else the only one. */
export function connectionOf(connections: readonly Connection[], file: string | undefined) {
  const around = connections.filter(({ root }) => root !== null && file && isIn(file, root));
  around.sort((one, other) => (other.root?.length ?? 0) - (one.root?.length ?? 0));
  const rest = connections.length === 1 ? connections : connections.filter(({ root }) => root === null);
  return around[0] ?? rest[0];
}

function isIn(file: string, root: string): boolean {
  const folder = root.replace(/[/\\]$/, "");
  return file.startsWith(folder) && /^([/\\]|$)/.test(file.slice(folder.length));
}

const STATES = {
  ready: { icon: "pass-filled", text: "connected" },
  connecting: { icon: "sync~spin", text: "connecting …" },
  detached: { icon: "debug-disconnect", text: "not connected" },
  lost: { icon: "warning", text: "connection lost" },
};

export function stateOf(connection: Connection | undefined): string {
  return STATES[connection?.state ?? "detached"].text;
}

/** The name of a project's folder. */
export function nameOf({ root }: Connection): string {
  return root === null ? "no project" : (root.split(/[/\\]/).filter(Boolean).pop() ?? root);
}

/** The text in the status bar: state, namespace, server; `running` and `waiting` evaluations. */
export function shortly(
  connection: Connection | undefined,
  running: number,
  waiting: number,
  programs = 1,
): string {
  const { icon } = STATES[connection?.state ?? "detached"];
  if (waiting > 0) {
    return "$(keyboard) nREPL: waits for input";
  }
  if (connection === undefined && programs > 1) {
    return `nREPL: ${programs} programs`;
  }
  if (connection?.state !== "ready") {
    return `$(${icon}) nREPL: ${stateOf(connection)}`;
  }
  const { ns, server, language } = connection;
  const program = server ?? language ?? "connected";
  const what = ns === null ? program : `${ns} (${program})`;
  return `$(${running > 0 ? "loading~spin" : icon}) nREPL: ${what}`;
}

/** What is known of a connection, in short texts. */
export function details({ address, server, language, ns, problem }: Connection): string[] {
  const isNamed = language !== null && server?.startsWith(language);
  const program = isNamed ? server : [language, server].filter(Boolean).join(", ");
  const namespace = ns === null ? "" : `namespace ${ns}`;
  return [program, namespace, address, problem].filter((text): text is string => Boolean(text));
}
