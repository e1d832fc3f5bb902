// The status bar item, and the menu behind it.

import * as vscode from "vscode";

import { type Choice, pick } from "./asking";
import { connectionOf, details, nameOf, shortly, stateOf } from "./connections";
import { editor, place } from "./place";
import { type Connection, ENDED, type Evaluation, type Status } from "./protocol";
import type { Life, Listener, Server } from "./server";

const ABSENT = {
  untrusted: {
    text: "$(shield) nREPL: not trusted",
    tooltip: "nREPL connects to nothing until you trust this workspace.",
  },
  stopped: { text: "$(circle-slash) nREPL: stopped", tooltip: "The language server is not there." },
  starting: { text: "$(sync~spin) nREPL: starting …", tooltip: "" },
};

export class StatusBar implements Listener {
  private readonly item = vscode.window.createStatusBarItem(
    "nrepl.status",
    vscode.StatusBarAlignment.Left,
    10,
  );
  private readonly running = new Map<string, Evaluation>();
  private connections: readonly Connection[] = [];

  constructor(
    private readonly server: Server,
    owned: vscode.Disposable[],
  ) {
    this.item.name = "nREPL";
    this.item.command = "nrepl.menu";
    server.listeners.push(this);
    owned.push(
      this.item,
      vscode.window.onDidChangeActiveTextEditor(() => this.show()),
    );
    this.show();
  }

  /** The connection that the user's document belongs to. */
  get current(): Connection | undefined {
    return connectionOf(this.connections, editor()?.document.uri.fsPath);
  }

  /** What runs in the program of a connection, as far as that is known. */
  private runningIn(connection: Connection | undefined): Evaluation[] {
    return [...this.running.values()].filter(({ uri }) => {
      const file = uri === null ? undefined : vscode.Uri.parse(uri).fsPath;
      return [undefined, connection].includes(connectionOf(this.connections, file));
    });
  }

  status({ connections }: Status): void {
    this.connections = connections;
    this.show();
  }

  evaluation(evaluation: Evaluation): void {
    if (ENDED.includes(evaluation.state)) {
      this.running.delete(evaluation.evaluation);
    } else {
      this.running.set(evaluation.evaluation, evaluation);
    }
    this.show();
  }

  life(life: Life): void {
    if (life !== "running") {
      this.connections = [];
      this.running.clear();
    }
    this.show();
  }

  /** What can be done now; first with which connection, where there are several. */
  async menu(): Promise<void> {
    if (this.server.life !== "running") {
      await pick("nREPL", [this.server.life === "untrusted" ? TRUST : START, SHOW_LOG]);
    } else if (this.connections.length < 2) {
      await this.menuOf(this.current);
    } else {
      const items = this.connections.map((connection) => ({
        label: `$(folder) ${nameOf(connection)}`,
        description: stateOf(connection) + (connection === this.current ? ", of this document" : ""),
        detail: details(connection).join("  ·  "),
        run: () => this.menuOf(connection),
      }));
      await pick("nREPL: which program?", items);
    }
  }

  private async menuOf(connection: Connection | undefined): Promise<void> {
    const root = connection === this.current ? undefined : connection?.root;
    const at = root ? { uri: String(vscode.Uri.file(root)) } : place();
    const title = connection ? `nREPL: ${nameOf(connection)}, ${stateOf(connection)}` : "nREPL";
    const known = connection ? details(connection).join("  ·  ") : "";
    await pick(title, this.choices(connection, at), known);
  }

  private choices(connection: Connection | undefined, at: object): Choice[] {
    const running = this.runningIn(connection);
    const choices: Choice[] = [];
    if ([...this.running.values()].some(({ state }) => state === "needInput")) {
      choices.push(choice("$(keyboard) Send Input…", "nrepl.sendInput"));
    }
    if (running.length > 0) {
      const titles = running.map(({ title }) => title).join(", ");
      choices.push(choice("$(stop-circle) Interrupt", "nrepl.interrupt", titles, at));
    }
    if (connection?.state === "ready") {
      choices.push(
        choice("$(output) Show Output", "nrepl.showOutput"),
        ...(connection === this.current ? SWITCH : []),
        choice("$(add) New Session", "nrepl.newSession", "in the place of this one", at),
      );
    } else {
      choices.push(choice("$(plug) Connect", "nrepl.connect", "to the REPL of the project", at));
    }
    choices.push(choice("$(plug) Connect to…", "nrepl.connect"));
    if (connection !== undefined && connection.state !== "detached") {
      choices.push(choice("$(debug-disconnect) Disconnect", "nrepl.disconnect", "", at));
    }
    return [...choices, RESTART, SHOW_LOG];
  }

  private show(): void {
    const { current } = this;
    const { life } = this.server;
    if (life === "running") {
      const running = [...this.running.values()];
      const waiting = running.filter(({ state }) => state === "needInput").length;
      this.item.text = shortly(current, running.length, waiting, this.connections.length);
      const programs = this.connections.map((one) =>
        [`${nameOf(one)}: ${stateOf(one)}`, ...details(one)].join("\n"),
      );
      const titles = running.map(({ title }) => `Running: ${title}`);
      this.item.tooltip = [...programs, ...titles, "Click for more."].join("\n\n");
    } else {
      ({ text: this.item.text, tooltip: this.item.tooltip } = ABSENT[life]);
    }
    const isWarning = current?.state === "lost";
    this.item.backgroundColor = isWarning
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
    this.item.show();
  }
}

const SWITCH = [
  choice("$(symbol-namespace) Switch to a Namespace…", "nrepl.switchNamespace"),
  choice("$(arrow-swap) Switch to a Session…", "nrepl.switchSession"),
];
const TRUST = choice("$(shield) Trust This Workspace…", "workbench.trust.manage");
const START = choice("$(debug-restart) Start the Language Server", "nrepl.restartServer");
const RESTART = choice("$(debug-restart) Restart the Language Server", "nrepl.restartServer");
const SHOW_LOG = choice("$(list-flat) Show the Language Server's Log", "nrepl.showLog");

/** Without a place the command asks, as from the palette. */
function choice(label: string, name: string, description = "", ...at: object[]): Choice {
  return { label, description, run: () => vscode.commands.executeCommand(name, ...at) };
}
