// The output channel with the transcript.

import * as vscode from "vscode";

import { ENDED, type Evaluation, type Output } from "./protocol";
import type { Listener, Server } from "./server";
import { Transcript } from "./transcript";

export class OutputChannel implements Listener {
  isEmpty = true;
  private readonly channel = vscode.window.createOutputChannel("nREPL", "nrepl-transcript");
  private readonly transcript = new Transcript();

  constructor(server: Server, owned: vscode.Disposable[]) {
    server.listeners.push(this);
    owned.push(this.channel);
  }

  evaluation(evaluation: Evaluation): void {
    const { state, quiet, range } = evaluation;
    // Code of no document that somebody else shows is the server's own.
    if (quiet && range === null && state !== "error") {
      return;
    }
    if (state === "sent" && !evaluation.again) {
      this.append(this.transcript.began(evaluation, new Date()));
    } else if (ENDED.includes(state)) {
      this.append(this.transcript.ended(evaluation));
    }
  }

  output(output: Output): void {
    this.append(this.transcript.printed(output));
  }

  /** The user has given a line. */
  answered(evaluation: Evaluation, line: string): void {
    this.append(this.transcript.answered(evaluation, line));
  }

  show(): void {
    this.channel.show(true);
  }

  private append(text: string): void {
    if (text) {
      this.isEmpty = false;
      this.channel.append(text);
    }
  }
}
