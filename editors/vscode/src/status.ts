// The status bar item, and the menu behind it.

import * as vscode from "vscode";

import { connectionOf, details, nameOf, shortly, stateOf } from "./connections";
import { editor, place } from "./place";
import { type Connection, ENDED, type Evaluation, type Status } from "./protocol";
import type { Life, Listener, Server } from "./server";

interface Choice extends vscode.QuickPickItem {
  run: () => unknown;
}

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
  /** Whether the server has said how they are; an old one never does. */
  private isTold = false;

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
    this.isTold = true;
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
      this.isTold = false;
      this.running.clear();
    }
    this.show();
  }

  /** What can be done now; first with which connection, where there are several. */
  async menu(): Promise<void> {
    if (this.server.life !== "running") {
      await pick("nREPL", this.withoutServer());
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

  private withoutServer(): Choice[] {
    const start = ofVsCode("$(debug-restart) Start the Language Server", "nrepl.restartServer");
    const trust = ofVsCode("$(shield) Trust This Workspace…", "workbench.trust.manage");
    return [this.server.life === "untrusted" ? trust : start, SHOW_LOG];
  }

  private choices(connection: Connection | undefined, at: object): Choice[] {
    const is = (name: string, label: string, description = ""): Choice => ({
      label,
      description,
      run: () => this.server.execute(name, at),
    });
    const running = this.runningIn(connection);
    const choices: Choice[] = [];
    if ([...this.running.values()].some(({ state }) => state === "needInput")) {
      choices.push(ofVsCode("$(keyboard) Send Input…", "nrepl.sendInput"));
    }
    if (running.length > 0) {
      const titles = running.map(({ title }) => title).join(", ");
      choices.push(is("nrepl.interrupt", "$(stop-circle) Interrupt", titles));
    }
    if (connection?.state === "ready") {
      choices.push(
        ofVsCode("$(output) Show Output", "nrepl.showOutput"),
        ...(connection === this.current
          ? [ofVsCode("$(symbol-namespace) Switch to a Namespace…", "nrepl.switchNamespace")]
          : []),
        is("nrepl.newSession", "$(add) New Session", "of the same program"),
      );
    } else {
      choices.push(is("nrepl.connect", "$(plug) Connect", "to the REPL of the project"));
    }
    choices.push(ofVsCode("$(plug) Connect to…", "nrepl.connect"));
    if (connection !== undefined && connection.state !== "detached") {
      choices.push(is("nrepl.disconnect", "$(debug-disconnect) Disconnect"));
    }
    const restart = ofVsCode("$(debug-restart) Restart the Language Server", "nrepl.restartServer");
    return [...choices, restart, SHOW_LOG];
  }

  private show(): void {
    const { current } = this;
    const { life } = this.server;
    if (life === "running") {
      const running = [...this.running.values()];
      const waiting = running.filter(({ state }) => state === "needInput").length;
      const text = shortly(current, running.length, waiting, this.connections.length);
      this.item.text = this.isTold ? text : "nREPL";
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

const SHOW_LOG = ofVsCode("$(list-flat) Show the Language Server's Log", "nrepl.showLog");

function ofVsCode(label: string, name: string): Choice {
  return { label, run: () => vscode.commands.executeCommand(name) };
}

async function pick(title: string, choices: Choice[], placeHolder = ""): Promise<void> {
  const picked = await vscode.window.showQuickPick(choices, { title, placeHolder });
  await picked?.run();
}
