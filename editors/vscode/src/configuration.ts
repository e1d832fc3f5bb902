// The settings as the user has chosen them.

import * as vscode from "vscode";

import { contributes } from "../package.json";
import { type Chosen, forServer } from "./settings";

const CALVA = "betterthantomorrow.calva";

/** Without `nrepl.`. */
const NAMES = contributes.configuration
  .flatMap(({ properties }) => Object.keys(properties))
  .map((name) => name.replace(/^nrepl\./, ""));

/** Only what somebody has chosen: the server has its own defaults. */
export function chosen(): Chosen {
  const configuration = vscode.workspace.getConfiguration("nrepl");
  const found = new Map<string, unknown>();
  for (const name of NAMES) {
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
