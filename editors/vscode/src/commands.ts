// The server's commands as VS Code's: with the user's place, and with what has to be asked first.

import * as vscode from "vscode";

import { modal, offer, pick } from "./asking";
import type { Input } from "./input";
import { type Item, namespaceItems, sessionItems } from "./lists";
import type { OutputChannel } from "./output";
import { place } from "./place";
import type { Server } from "./server";
import type { StatusBar } from "./status";

type Argument = Record<string, unknown>;

/** Runs the command that the user has given, with the place and with what has been asked. */
type Run = (more: Argument) => unknown;

export class Commands {
  private readonly registered = new Set<string>();
  /** What a user means by a command, where that is more than the server does. */
  private readonly meant: Record<string, (run: Run) => unknown> = {
    "nrepl.connect": (run) => this.connect(run),
    "nrepl.apropos": (run) => asked("A part of a name", (query) => run({ query })),
    "nrepl.evalCode": (run) =>
      asked("Code to evaluate in the namespace of the editor", (code) => run({ code })),
    "nrepl.reload": (run) =>
      pick("Reload from the Files", [
        { label: "This namespace", run: () => run({ what: "namespace" }) },
        { label: "What has changed, and what needs it", run: () => run({ what: "changed" }) },
        { label: "All namespaces", run: () => run({ what: "all" }) },
      ]),
    "nrepl.undefAll": (run) =>
      offer("Remove everything that this namespace defines?", { Remove: () => run({}) }, modal),
    "nrepl.switchNamespace": () => this.switchTo("a Namespace", "nrepl.namespaces", namespaceItems),
    "nrepl.switchSession": () => this.switchTo("a Session", "nrepl.sessions", sessionItems),
    "nrepl.showOutput": (run) => (this.output.isEmpty ? run({}) : this.output.show()),
    // By itself the server would send the current line.
    "nrepl.sendInput": () =>
      this.input.ask() || vscode.window.showInformationMessage("nREPL: No code waits for input."),
    "nrepl.status": () => this.status.menu(),
    "nrepl.menu": () => this.status.menu(),
    "nrepl.restartServer": () => this.server.restart(),
    "nrepl.showLog": () => this.server.log.show(),
  };

  constructor(
    private readonly server: Server,
    private readonly status: StatusBar,
    private readonly input: Input,
    private readonly output: OutputChannel,
    private readonly owned: vscode.Disposable[],
  ) {}

  /** Take more commands; those that are known already stay. */
  register(names: readonly string[]): void {
    for (const name of names) {
      if (!this.registered.has(name)) {
        this.registered.add(name);
        const run = (first: unknown) => this.run(name, first);
        this.owned.push(vscode.commands.registerCommand(name, run));
      }
    }
  }

  /**
   * Run by key, palette or menu, or by what the server has offered, which says what it is about. A
   * keybinding may hold a part of the argument, a menu gives a URI.
   */
  private run(name: string, first: unknown): unknown {
    const isObject = typeof first === "object" && first !== null;
    const given = isObject && !(first instanceof vscode.Uri) ? (first as Argument) : undefined;
    if (given && ["uri", "evaluation", "deferred"].some((member) => member in given)) {
      return this.execute(name, given);
    }
    const run = (more: Argument) => this.execute(name, { ...place(), ...more });
    const meant = given ? undefined : this.meant[name];
    return meant ? meant(run) : run(given ?? {});
  }

  private async execute(name: string, argument: Argument): Promise<unknown> {
    if (name !== "nrepl.copyResult") {
      return this.server.execute(name, argument);
    }
    const reply = await this.server.execute(name, { show: false, ...argument });
    const text = (reply as { text: string | null } | undefined)?.text;
    if (typeof text === "string") {
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage("$(check) Result copied", 3000);
    }
    return reply;
  }

  private async connect(run: Run): Promise<unknown> {
    const url = await vscode.window.showInputBox({
      title: "Connect to nREPL",
      prompt: "A port, HOST:PORT or nrepl://HOST:PORT; empty: the REPL of this project.",
      value: this.status.current?.address ?? "",
      placeHolder: "the REPL of this project",
      ignoreFocusOut: true,
    });
    return url === undefined ? undefined : run(url.trim() ? { url: url.trim() } : {});
  }

  /** Choose from what the server lists. */
  private async switchTo(what: string, list: string, items: (reply: never) => Item[]) {
    const at = place();
    const reply = (await this.server.execute(list, at)) as { message: string | null } | undefined;
    const choices = (reply ? items(reply as never) : []).map(({ command, argument, ...item }) => {
      return { ...item, run: () => this.server.execute(command, { ...at, ...argument }) };
    });
    // Where there are none the server has said why.
    if (choices.length > 0) {
      await pick(`Switch to ${what}`, choices, reply?.message ?? "");
    }
  }
}

async function asked(prompt: string, run: (text: string) => unknown): Promise<unknown> {
  const text = await vscode.window.showInputBox({ prompt, ignoreFocusOut: true });
  return text?.trim() ? run(text) : undefined;
}
