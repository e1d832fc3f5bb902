// What the user is asked, and what comes of the answer.

import * as vscode from "vscode";

export interface Choice extends vscode.QuickPickItem {
  run: () => unknown;
}

export async function pick(title: string, choices: Choice[], placeHolder = ""): Promise<void> {
  const picked = await vscode.window.showQuickPick(choices, { title, placeHolder });
  await picked?.run();
}

/** Say something, with buttons. */
export async function offer(
  message: string,
  buttons: Record<string, () => unknown>,
  say: typeof modal = vscode.window.showErrorMessage,
): Promise<void> {
  const answer = await say(message, ...Object.keys(buttons));
  await buttons[answer ?? ""]?.();
}

export function modal(question: string, ...buttons: string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(question, { modal: true }, ...buttons);
}
