// What nrepl-lsp tells plugins that opt in; docs/protocol-extensions.md.

import type { Range } from "vscode-languageclient/node";

export type State =
  "queued" | "sent" | "needInput" | "done" | "error" | "interrupted" | "disconnected";

export interface Evaluation {
  evaluation: string;
  uri: string | null;
  range: Range | null;
  title: string;
  quiet: boolean;
  state: State;
  again?: boolean;
  prompt?: string;
  values?: string[];
  error?: { message: string } | null;
  seconds?: number | null;
  place?: Range | null;
  summary?: string | null;
  message?: string | null;
}

export interface Output {
  evaluation: string;
  text: string;
  cut: number;
}

/** The evaluations whose results still stand in a document. */
export interface Results {
  uri: string;
  standing: string[];
}

export interface Connection {
  root: string | null;
  state: "detached" | "connecting" | "ready" | "lost";
  address: string | null;
  problem: string | null;
  ns: string | null;
  server: string | null;
  language: string | null;
}

export interface Status {
  connections: Connection[];
}

export interface Namespaces {
  namespaces: string[];
  ns: string | null;
}

export interface Sessions {
  sessions: { session: string | null; current: boolean; ns: string | null }[];
}

export const ENDED: readonly State[] = ["done", "error", "interrupted", "disconnected"];

/** What the client tells the server that it understands. */
export const CAPABILITIES = { output: true, evaluation: true, status: true, input: true };
