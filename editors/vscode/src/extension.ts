// Starts with the first document that nrepl-lsp is for.

import * as vscode from "vscode";

import { Commands } from "./commands";
import { know } from "./configuration";
import { Input } from "./input";
import { LANGUAGES } from "./languages";
import { OutputChannel } from "./output";
import { Results } from "./results";
import { Server } from "./server";
import { StatusBar } from "./status";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const owned = context.subscriptions;
  const log = vscode.window.createOutputChannel("nREPL Language Server", { log: true });
  const running = new Server(context, log);
  server = running;
  const status = new StatusBar(running, owned);
  const output = new OutputChannel(running, owned);
  const input = new Input(running, output);
  new Results(running, owned);
  const own: Record<string, () => unknown> = {
    "nrepl.menu": () => status.menu(),
    "nrepl.restartServer": () => running.restart(),
    "nrepl.showLog": () => log.show(),
  };
  const commands = new Commands(running, status, input, output, owned);
  commands.register(know(context.extension).filter((name) => !(name in own)));
  running.listeners.push({ life: () => commands.register(running.commands) });
  owned.push(
    log,
    ...Object.entries(own).map(([name, run]) => vscode.commands.registerCommand(name, run)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.start()),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("nrepl.server")) {
        await running.restart();
      } else if (event.affectsConfiguration("nrepl")) {
        await running.settingsChanged();
      }
    }),
    // Calva may be installed or removed at any time.
    vscode.extensions.onDidChange(() => running.settingsChanged()),
  );
  await vscode.commands.executeCommand("setContext", "nrepl:languages", LANGUAGES);
  await vscode.commands.executeCommand("setContext", "nrepl:active", true);
  // Not waited for: the commands are there while it starts.
  void running.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
