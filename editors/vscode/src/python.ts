// The command that starts the server: the user's own, or the bundled one run by the user's Python.

import { homedir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import type { Executable } from "vscode-languageclient/node";

import { offer } from "./asking";
import { choosePython, expand, findProgram, thisMachine, within } from "./interpreter";

// Milliseconds: the Python extension may be starting, or looking through all there is.
const EXTENSION_LIMIT = 3000;
const SETTINGS = "workbench.action.openSettings";

/** How to start the server of this extension's folder; undefined where the user is told why not. */
export async function findServer(extension: string): Promise<Executable | undefined> {
  const machine = thisMachine(extension);
  const more = vscode.workspace.getConfiguration("nrepl.server").get<string[]>("args", []);
  const named = programOf("path");
  if (named) {
    const command = findProgram(named, machine);
    if (command !== undefined) {
      return { command, args: more };
    }
    const open = () => vscode.commands.executeCommand(SETTINGS, "nrepl.server.path");
    void offer(`nREPL: there is no ${named} (nrepl.server.path).`, { "Open Settings": open });
    return undefined;
  }
  const ofExtension = () => within(chosenPython(), EXTENSION_LIMIT);
  const python = await choosePython(machine, programOf("python"), ofExtension);
  if (typeof python === "string") {
    const download = vscode.Uri.parse("https://www.python.org/downloads/");
    const install = () => vscode.env.openExternal(download);
    void offer(`nREPL: ${python}`, { "Choose Python…": choose, "Install Python…": install });
    return undefined;
  }
  const script = path.join(extension, "bundled", "run_server.py");
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

/** Set the Python to use; the server is started again when its settings change. */
async function choose(): Promise<void> {
  const [file] = (await vscode.window.showOpenDialog({ title: "Choose Python" })) ?? [];
  const settings = vscode.workspace.getConfiguration("nrepl.server");
  if (file !== undefined) {
    await settings.update("python", file.fsPath, vscode.ConfigurationTarget.Global);
  }
}
