// The command that starts the server: the user's own, or the bundled one run by the user's Python.

import { homedir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

import { choosePython, expand, findProgram, thisMachine, within } from "./interpreter";

export interface ServerCommand {
  command: string;
  args: string[];
}

// Milliseconds: the Python extension may be starting, or looking through all there is.
const EXTENSION_LIMIT = 3000;
const SETTINGS = "workbench.action.openSettings";

/** How to start the server; where that is not possible the user is told, and it is undefined. */
export async function findServer(
  context: vscode.ExtensionContext,
): Promise<ServerCommand | undefined> {
  const machine = thisMachine(context.extensionPath);
  const more = vscode.workspace.getConfiguration("nrepl.server").get<string[]>("args", []);
  const named = programOf("path");
  if (named) {
    const command = findProgram(named, machine);
    if (command === undefined) {
      const open = () => vscode.commands.executeCommand(SETTINGS, "nrepl.server.path");
      void tell(`nREPL: there is no ${named} (nrepl.server.path).`, { "Open Settings": open });
    }
    return command === undefined ? undefined : { command, args: more };
  }
  const extension = () => within(chosenPython(), EXTENSION_LIMIT);
  const python = await choosePython(machine, programOf("python"), extension);
  if (typeof python === "string") {
    void tell(`nREPL: ${python}`, { "Choose Python…": choose, "Install Python…": install });
    return undefined;
  }
  const script = path.join(context.extensionPath, "bundled", "run_server.py");
  return { command: python.executable, args: ["-I", "-S", script, ...more] };
}

function programOf(setting: "path" | "python"): string {
  const named = vscode.workspace.getConfiguration("nrepl.server").get<string | null>(setting);
  return expand(named ?? "", homedir(), vscode.workspace.workspaceFolders?.[0]?.uri.fsPath);
}

interface PythonApi {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): object;
    resolveEnvironment(at: object): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

/** The interpreter chosen in the Python extension; it may be a program of the project's folder. */
async function chosenPython(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (extension === undefined || !vscode.workspace.isTrusted) {
    return undefined;
  }
  const { environments } = await extension.activate();
  const chosen = environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
  return (await environments.resolveEnvironment(chosen))?.executable.uri?.fsPath;
}

async function tell(sentence: string, buttons: Record<string, () => Thenable<unknown>>) {
  const answer = await vscode.window.showErrorMessage(sentence, ...Object.keys(buttons));
  await buttons[answer ?? ""]?.();
}

function install(): Thenable<unknown> {
  return vscode.env.openExternal(vscode.Uri.parse("https://www.python.org/downloads/"));
}

/** Set the Python to use; the server is started again when its settings change. */
async function choose(): Promise<void> {
  const [file] = (await vscode.window.showOpenDialog({ title: "Choose Python" })) ?? [];
  const settings = vscode.workspace.getConfiguration("nrepl.server");
  if (file !== undefined) {
    await settings.update("python", file.fsPath, vscode.ConfigurationTarget.Global);
  }
}
