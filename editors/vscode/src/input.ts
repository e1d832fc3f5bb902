// Asks for what the code reads from standard input.

import * as vscode from "vscode";

import type { OutputChannel } from "./output";
import type { Evaluation } from "./protocol";
import type { Life, Listener, Server } from "./server";

const AGAIN = "Type a Line";
const END = "End of Input";
const INTERRUPT = "Interrupt";
const CHOICES = [
  { label: AGAIN },
  { label: END, description: "what Ctrl+D gives in a terminal" },
  { label: INTERRUPT, description: "stop the evaluation" },
  { label: "Answer Later", description: "by a click on nREPL in the status bar" },
];

/** Evaluations whose code waits for a line; one is asked for at a time. */
export class Input implements Listener {
  private readonly waiting = new Map<string, Evaluation>();
  /** Those that the user wants to answer later. */
  private readonly later = new Set<string>();
  private open: { id: string; close: () => void } | undefined;

  constructor(
    private readonly server: Server,
    private readonly transcript: OutputChannel,
  ) {
    server.listeners.push(this);
  }

  /** Ask again; false when nothing waits. */
  ask(): boolean {
    this.later.clear();
    this.next();
    return this.waiting.size > 0;
  }

  evaluation(evaluation: Evaluation): void {
    const id = evaluation.evaluation;
    // Whatever comes, what stands on the screen is of the line before.
    this.forget(id);
    if (evaluation.state === "needInput") {
      this.waiting.set(id, evaluation);
    }
    this.next();
  }

  life(life: Life): void {
    if (life !== "running") {
      for (const id of [...this.waiting.keys()]) {
        this.forget(id);
      }
    }
  }

  private next(): void {
    const one = [...this.waiting.values()].find(({ evaluation }) => !this.later.has(evaluation));
    if (one !== undefined && this.open === undefined) {
      this.askFor(one);
    }
  }

  private askFor(evaluation: Evaluation): void {
    const box = vscode.window.createInputBox();
    const open = { id: evaluation.evaluation, close: () => box.hide() };
    box.title = `Input for ${evaluation.title}`;
    box.prompt = evaluation.prompt?.trim() || "The program reads a line.";
    box.placeholder = "Enter sends the line, Escape offers more";
    box.ignoreFocusOut = true;
    box.onDidAccept(() => {
      this.forget(open.id);
      void this.send(evaluation, { text: box.value }, box.value);
    });
    box.onDidHide(() => {
      box.dispose();
      if (this.open === open) {
        void this.offer(evaluation);
      }
    });
    this.open = open;
    box.show();
  }

  /** What else there is than a line. */
  private async offer(evaluation: Evaluation): Promise<void> {
    const id = evaluation.evaluation;
    const cancel = new vscode.CancellationTokenSource();
    this.open = { id, close: () => cancel.cancel() };
    const title = `Input for ${evaluation.title}`;
    const options = { title, ignoreFocusOut: true };
    const picked = await vscode.window.showQuickPick(CHOICES, options, cancel.token);
    if (!cancel.token.isCancellationRequested) {
      this.open = undefined;
      if (picked?.label === END) {
        await this.send(evaluation, { end: true }, "");
      } else if (picked?.label === INTERRUPT) {
        this.later.add(id);
        await this.server.execute("nrepl.interrupt", { evaluation: id });
      } else if (picked?.label !== AGAIN) {
        this.later.add(id);
      }
    }
    this.next();
  }

  private async send(evaluation: Evaluation, what: object, line: string): Promise<void> {
    this.forget(evaluation.evaluation);
    const argument = { evaluation: evaluation.evaluation, ...what };
    const reply = await this.server.execute("nrepl.sendInput", argument);
    if ((reply as { status: string } | undefined)?.status === "sent") {
      this.transcript.answered(evaluation, line);
    }
    this.next();
  }

  private forget(id: string): void {
    this.waiting.delete(id);
    this.later.delete(id);
    if (this.open?.id === id) {
      const { close } = this.open;
      this.open = undefined;
      close();
    }
  }
}
