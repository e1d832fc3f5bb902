// The server's commands as VS Code's: with the user's place, and with what has to be asked first.

import * as vscode from "vscode";

import type { Input } from "./input";
import type { OutputChannel } from "./output";
import { place } from "./place";
import type { Namespaces } from "./protocol";
import type { Server } from "./server";
import type { StatusBar } from "./status";

type Argument = Record<string, unknown>;

/** What a question to the user adds; undefined: they have changed their mind. */
type Answer = Promise<Argument | undefined>;

export class Commands {
  private readonly registered = new Set<string>();
  private readonly questions: Record<string, () => Answer> = {
    "nrepl.connect": () => this.address(),
    "nrepl.apropos": () => asked("query", "A part of a name"),
    "nrepl.evalCode": () => asked("code", "Code to evaluate in the namespace of the editor"),
    "nrepl.switchNamespace": () => this.namespace(),
    "nrepl.reload": () => whatToReload(),
    "nrepl.undefAll": () => sure("Remove everything that this namespace defines?", "Remove"),
  };
  /** What a user means by a command, where that is more than the server does. */
  private readonly instead: Record<string, () => unknown> = {
    "nrepl.showOutput": () =>
      this.output.isEmpty ? this.execute("nrepl.showOutput", { ...place() }) : this.output.show(),
    // By itself the server would send the current line.
    "nrepl.sendInput": () =>
      this.input.ask() || vscode.window.showInformationMessage("nREPL: No code waits for input."),
    "nrepl.status": () => this.status.menu(),
  };

  constructor(
    private readonly server: Server,
    private readonly status: StatusBar,
    private readonly input: Input,
    private readonly output: OutputChannel,
    private readonly owned: vscode.Disposable[],
  ) {}

  /** Take commands that are the server's; those that are known already stay. */
  register(names: readonly string[]): void {
    for (const name of names) {
      if (!this.registered.has(name)) {
        this.registered.add(name);
        const run = (first: unknown): Promise<unknown> => this.run(name, first);
        this.owned.push(vscode.commands.registerCommand(name, run));
      }
    }
  }

  /**
   * Run by key, palette or menu, or by what the server has offered, which says what it is about. A
   * keybinding may hold a part of the argument, a menu gives a URI.
   */
  private async run(name: string, first: unknown): Promise<unknown> {
    const isObject = typeof first === "object" && first !== null;
    const given = isObject && !(first instanceof vscode.Uri) ? (first as Argument) : undefined;
    if (given && ["uri", "evaluation", "deferred"].some((member) => member in given)) {
      return this.execute(name, given);
    }
    if (given === undefined && this.instead[name]) {
      return this.instead[name]();
    }
    const answer = given ?? (await (this.questions[name] ?? nothing)());
    return answer && this.execute(name, { ...place(), ...answer });
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

  private async address(): Answer {
    const url = await vscode.window.showInputBox({
      title: "Connect to nREPL",
      prompt: "A port, HOST:PORT or nrepl://HOST:PORT; empty: the REPL of this project.",
      value: this.status.current?.address ?? "",
      placeHolder: "the REPL of this project",
      ignoreFocusOut: true,
    });
    return url === undefined ? undefined : url.trim() ? { url: url.trim() } : {};
  }

  private async namespace(): Answer {
    const reply = (await this.server.execute("nrepl.namespaces", place())) as Namespaces | undefined;
    if (!reply?.namespaces.length) {
      return undefined; // the server has said why
    }
    const title = "Switch to a Namespace";
    const placeHolder = reply.ns === null ? "" : `now ${reply.ns}`;
    const ns = await vscode.window.showQuickPick(reply.namespaces, { title, placeHolder });
    return ns === undefined ? undefined : { ns };
  }
}

const nothing = (): Answer => Promise.resolve({});

async function asked(member: string, prompt: string): Answer {
  const text = await vscode.window.showInputBox({ prompt, ignoreFocusOut: true });
  return text?.trim() ? { [member]: text } : undefined;
}

async function whatToReload(): Answer {
  const items = [
    { label: "This namespace", what: "namespace" },
    { label: "What has changed", description: "and what needs it", what: "changed" },
    { label: "All namespaces", what: "all" },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: "Reload from the Files" });
  return picked && { what: picked.what };
}

async function sure(question: string, yes: string): Answer {
  const answer = await vscode.window.showWarningMessage(question, { modal: true }, yes);
  return answer === yes ? {} : undefined;
}
