// Values and errors beside the code.

import * as vscode from "vscode";

import { byLine, edited, type Result } from "./placement";
import type { Evaluation, Results as Standing } from "./protocol";
import type { Life, Listener, Server } from "./server";

// Milliseconds: for which changes are gathered, and for which is told what has no place in a text.
const GATHER = 20;
const TOLD = 8000;

export class Results implements Listener {
  /** By the document's URI. */
  private readonly shown = new Map<string, Result[]>();
  private readonly undrawn = new Set<string>();
  // What is typed behind the form stands before its result.
  private readonly decoration = vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });

  constructor(server: Server, owned: vscode.Disposable[]) {
    server.listeners.push(this);
    owned.push(
      this.decoration,
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const uri = String(document.uri);
        if (this.shown.has(uri) && contentChanges.length > 0) {
          this.put(uri, edited(this.of(uri), contentChanges));
        }
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        editors.forEach(({ document }) => this.drawSoon(String(document.uri)));
      }),
      vscode.window.onDidChangeActiveTextEditor(() => this.tellKeys()),
      vscode.workspace.onDidChangeConfiguration(() => isShownHere() || this.clear()),
    );
  }

  evaluation({ evaluation, uri, state, place, summary, message }: Evaluation): void {
    if (!isShownHere()) {
      return;
    }
    const isError = state === "error";
    if (place && summary && uri !== null) {
      this.put(key(uri), [...this.of(key(uri)), { evaluation, place, summary, isError }]);
    } else if (message) {
      const { showErrorMessage, setStatusBarMessage } = vscode.window;
      void (isError ? showErrorMessage(message) : setStatusBarMessage(message, TOLD));
    }
  }

  /** The server says which still stand: edits and other evaluations have ended the others. */
  results({ uri, standing }: Standing): void {
    const left = this.of(key(uri)).filter(({ evaluation }) => standing.includes(evaluation));
    this.put(key(uri), left);
  }

  life(life: Life): void {
    if (life !== "running") {
      this.clear();
    }
  }

  private clear(): void {
    [...this.shown.keys()].forEach((uri) => this.put(uri, []));
  }

  private of(uri: string): readonly Result[] {
    return this.shown.get(uri) ?? [];
  }

  private put(uri: string, results: Result[]): void {
    if (results.length > 0) {
      this.shown.set(uri, results);
    } else {
      this.shown.delete(uri);
    }
    this.drawSoon(uri);
    this.tellKeys();
  }

  /** Hundreds may come at once, when a file is evaluated. */
  private drawSoon(uri: string): void {
    if (this.undrawn.size === 0) {
      setTimeout(() => {
        this.undrawn.forEach((one) => this.draw(one));
        this.undrawn.clear();
      }, GATHER);
    }
    this.undrawn.add(uri);
  }

  private draw(uri: string): void {
    const lines = byLine(this.of(uri));
    for (const editor of vscode.window.visibleTextEditors) {
      if (String(editor.document.uri) === uri) {
        const options = lines.map(([line, results]) => drawn(editor.document, line, results));
        editor.setDecorations(this.decoration, options);
      }
    }
  }

  /** Escape takes results away only where there are some. */
  private tellKeys(): void {
    const uri = String(vscode.window.activeTextEditor?.document.uri);
    void vscode.commands.executeCommand("setContext", "nrepl:hasResults", this.shown.has(uri));
  }
}

function isShownHere(): boolean {
  return vscode.workspace.getConfiguration("nrepl").get("results.show") === "auto";
}

/** VS Code writes some URIs otherwise than the server: with `%3A` on Windows. */
function key(uri: string): string {
  return String(vscode.Uri.parse(uri));
}

/** The results of a line behind its last character. */
function drawn(document: vscode.TextDocument, line: number, results: readonly Result[]) {
  const { end } = document.lineAt(Math.min(line, document.lineCount - 1)).range;
  const kind = results.some(({ isError }) => isError) ? "error" : "result";
  const after = {
    contentText: results.map(({ summary }) => summary).join("  "),
    color: new vscode.ThemeColor(`nrepl.${kind}Foreground`),
    margin: "0 0 0 2ch",
  };
  return { range: new vscode.Range(end, end), renderOptions: { after } };
}
