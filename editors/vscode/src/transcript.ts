// The transcript in the output channel, as text. Nothing of VS Code in here.

import type { Evaluation, Output } from "./protocol";

/** Where an evaluation comes from, as people say it: `demo.clj:12:3`. */
export function placeOf({ uri, range }: Evaluation): string {
  if (uri === null) {
    return "";
  }
  const name = decoded(uri.slice(uri.lastIndexOf("/") + 1));
  return range === null ? name : `${name}:${range.start.line + 1}:${range.start.character + 1}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** How long it took, as people say it. */
export function duration(seconds: number): string {
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  return seconds < 60
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/** The transcript: what is added to the channel for each thing that happens. */
export class Transcript {
  private last: string | undefined;
  private isAtLineStart = true;

  /** The code has begun to run. */
  began(evaluation: Evaluation, at: Date): string {
    const time = at.toTimeString().slice(0, 8);
    const place = placeOf(evaluation);
    this.last = evaluation.evaluation;
    const head = [`;; #${evaluation.evaluation}`, time, place].filter(Boolean).join(" ");
    return this.ownLine(`${head}\n> ${evaluation.title}\n`);
  }

  printed({ evaluation, text, cut }: Output): string {
    const before = this.goesOn(evaluation);
    const after = cut > 0 ? `\n;; … ${cut} more characters\n` : "";
    const all = before + text + after;
    if (all) {
      this.isAtLineStart = all.endsWith("\n");
    }
    return all;
  }

  answered({ evaluation }: Evaluation, line: string): string {
    return this.goesOn(evaluation) + this.added(`${line}\n`);
  }

  ended(evaluation: Evaluation): string {
    const { state, values = [], error, seconds } = evaluation;
    let text = this.goesOn(evaluation.evaluation);
    for (const value of values) {
      text += this.ownLine(`=> ${value}\n`);
    }
    if (state === "error") {
      text += this.ownLine(`✗ ${error?.message ?? "It failed."}\n`);
    }
    const took = typeof seconds === "number" ? ` after ${duration(seconds)}` : "";
    return text + this.ownLine(`;; #${evaluation.evaluation} ${state}${took}\n\n`);
  }

  /** Says whose text follows, where that of another evaluation came last. */
  private goesOn(evaluation: string): string {
    if (this.last === evaluation) {
      return "";
    }
    this.last = evaluation;
    return this.ownLine(`;; #${evaluation}\n`);
  }

  private ownLine(text: string): string {
    return this.added(this.isAtLineStart ? text : `\n${text}`);
  }

  private added(text: string): string {
    this.isAtLineStart = text.endsWith("\n");
    return text;
  }
}
