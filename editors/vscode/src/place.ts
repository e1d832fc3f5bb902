// Where the user is.

import * as vscode from "vscode";

import { LANGUAGES, SERVERS } from "./languages";

/** The editor that commands are about; output channels and the like are none. */
export function editor(): vscode.TextEditor | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  return [activeTextEditor, ...visibleTextEditors].find((one) => {
    const { languageId, uri } = one?.document ?? {};
    return (languageId && LANGUAGES.includes(languageId)) || uri?.scheme === SERVERS;
  });
}

/** The cursor, and the selection where there is one, as the server takes them. */
export function place(): object {
  const here = editor();
  if (here === undefined) {
    return {};
  }
  const { start, end, active: position, isEmpty } = here.selection;
  const uri = String(here.document.uri);
  return isEmpty ? { uri, position } : { uri, position, range: { start, end } };
}
