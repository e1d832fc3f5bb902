// What can be switched to, as the server lists it. Nothing of VS Code in here.

import type { Namespaces, Sessions } from "./protocol";

/** Something to choose, and the command that it stands for. */
export interface Item {
  label: string;
  description: string;
  command: string;
  argument: object;
}

/** The current one first. */
export function namespaceItems({ namespaces, ns }: Namespaces): Item[] {
  const names = [...new Set([ns, ...namespaces])].filter((name) => name !== null);
  return names.map((name) => ({
    label: name,
    description: name === ns ? "now" : "",
    command: "nrepl.switchNamespace",
    argument: { ns: name },
  }));
}

/** The current one first, a new one last. */
export function sessionItems({ sessions }: Sessions): Item[] {
  const inOrder = [...sessions].sort((one, other) => Number(other.current) - Number(one.current));
  const items = inOrder.map(({ session, current, ns }) => ({
    label: `$(${current ? "pass-filled" : "circle-large-outline"}) ${ns ?? "a session"}`,
    description: [current && "now", shortened(session)].filter(Boolean).join(", "),
    command: "nrepl.switchSession",
    argument: { session },
  }));
  const label = "$(add) New session, keep this one";
  const another = { label, description: "", command: "nrepl.newSession", argument: { keep: true } };
  return items.length > 0 ? [...items, another] : [];
}

/** Of a UUID, people compare the first digits. */
function shortened(session: string | null): string | undefined {
  return session?.replace(/^([0-9a-f]{8})-[0-9a-f-]{27}$/i, "$1");
}
