// The settings as the user has chosen them.

import * as vscode from "vscode";

import { type Chosen, forServer } from "./settings";

const CALVA = "betterthantomorrow.calva";

/** The names of our settings without `nrepl.`, as package.json contributes them. */
let names: readonly string[] = [];

interface Contributed {
  contributes: {
    configuration: { properties: Record<string, unknown> }[];
    commands: { command: string }[];
  };
}

/** Read what package.json contributes; the commands. */
export function know(extension: vscode.Extension<unknown>): string[] {
  const { configuration, commands } = (extension.packageJSON as Contributed).contributes;
  const all = configuration.flatMap(({ properties }) => Object.keys(properties));
  names = all.map((name) => name.replace(/^nrepl\./, ""));
  return commands.map(({ command }) => command);
}

/** Only what somebody has chosen: the server has its own defaults. */
export function chosen(): Chosen {
  const configuration = vscode.workspace.getConfiguration("nrepl");
  const found = new Map<string, unknown>();
  for (const name of names) {
    const { globalValue, workspaceValue, workspaceFolderValue } = configuration.inspect(name) ?? {};
    if ([globalValue, workspaceValue, workspaceFolderValue].some((value) => value !== undefined)) {
      found.set(name, configuration.get(name));
    }
  }
  return found;
}

export function serverSettings(): Record<string, unknown> {
  return forServer(chosen(), vscode.extensions.getExtension(CALVA) !== undefined);
}
