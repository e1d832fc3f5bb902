// Starts with the first document that nrepl-lsp is for.

import * as vscode from "vscode";

import { contributes } from "../package.json";
import { Commands } from "./commands";
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
  const running = (server = new Server(context.extensionPath, log));
  const status = new StatusBar(running, owned);
  const output = new OutputChannel(running, owned);
  const input = new Input(running, output);
  new Results(running, owned);
  const commands = new Commands(running, status, input, output, owned);
  commands.register(contributes.commands.map(({ command }) => command));
  running.listeners.push({ life: () => commands.register(running.commands) });
  owned.push(
    log,
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
