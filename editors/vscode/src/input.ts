// Asks for what the code reads from standard input.

import * as vscode from "vscode";

import type { OutputChannel } from "./output";
import type { Evaluation } from "./protocol";
import type { Life, Listener, Server } from "./server";

const button = (icon: string, tooltip: string): vscode.QuickInputButton => ({
  iconPath: new vscode.ThemeIcon(icon),
  tooltip,
});
const END = button("debug-step-out", "End of Input: what Ctrl+D gives in a terminal");
const INTERRUPT = button("debug-stop", "Interrupt the Evaluation");

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
      [...this.waiting.keys()].forEach((id) => this.forget(id));
    }
  }

  private next(): void {
    const one = [...this.waiting.values()].find(({ evaluation }) => !this.later.has(evaluation));
    if (one !== undefined && this.open === undefined) {
      this.askFor(one);
    }
  }

  private askFor(evaluation: Evaluation): void {
    const id = evaluation.evaluation;
    const box = vscode.window.createInputBox();
    const open = { id, close: () => box.hide() };
    box.title = `Input for ${evaluation.title}`;
    box.prompt = evaluation.prompt?.trim() || "The program reads a line.";
    box.placeholder = "Enter sends the line, Escape leaves it for later";
    box.buttons = [END, INTERRUPT];
    box.ignoreFocusOut = true;
    box.onDidAccept(() => void this.send(evaluation, { text: box.value }, box.value));
    const interrupt = () => this.server.execute("nrepl.interrupt", { evaluation: id });
    const end = () => this.send(evaluation, { end: true }, "");
    box.onDidTriggerButton((pressed) => void (pressed === END ? end() : interrupt()));
    // Nothing is opened here: it would close what the user has opened instead, such as the palette.
    box.onDidHide(() => {
      box.dispose();
      if (this.open === open) {
        this.open = undefined;
        this.later.add(id);
      }
    });
    this.open = open;
    box.show();
  }

  private async send(evaluation: Evaluation, what: object, line: string): Promise<void> {
    const id = evaluation.evaluation;
    this.forget(id);
    const reply = await this.server.execute("nrepl.sendInput", { evaluation: id, ...what });
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
