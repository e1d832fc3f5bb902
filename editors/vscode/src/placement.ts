// Where results stand while the text around them is edited. Nothing of VS Code in here.

import type { Position, Range } from "vscode-languageclient/node";

export interface Edit {
  range: Range;
  text: string;
}

export interface Result {
  evaluation: string;
  place: Range;
  summary: string;
  isError: boolean;
}

function isBefore(one: Position, other: Position): boolean {
  return one.line < other.line || (one.line === other.line && one.character < other.character);
}

/** Where a position is after an edit that ends at or before it. */
function shifted(position: Position, { range, text }: Edit): Position {
  const lines = text.split(/\r\n|\r|\n/);
  const line = position.line - (range.end.line - range.start.line) + lines.length - 1;
  if (position.line !== range.end.line) {
    return { line, character: position.character };
  }
  const before = lines.length === 1 ? range.start.character : 0;
  const added = lines[lines.length - 1]?.length ?? 0;
  return { line, character: before + added + position.character - range.end.character };
}

/** Where a place is after an edit; undefined when the edit was made in it. */
export function moved(place: Range, edit: Edit): Range | undefined {
  if (!isBefore(edit.range.start, place.end)) {
    return place;
  }
  if (!isBefore(place.start, edit.range.end)) {
    return { start: shifted(place.start, edit), end: shifted(place.end, edit) };
  }
  return undefined;
}

/** The results after a change, whose edits all are of the text before it. */
export function edited(results: readonly Result[], edits: readonly Edit[]): Result[] {
  const fromTheEnd = [...edits].sort((one, other) =>
    isBefore(one.range.start, other.range.start) ? 1 : -1,
  );
  return results.flatMap((result) => {
    let place: Range | undefined = result.place;
    for (const edit of fromTheEnd) {
      place &&= moved(place, edit);
    }
    return place ? [{ ...result, place }] : [];
  });
}

/** The results of each line, in their order. */
export function byLine(results: readonly Result[]): [number, Result[]][] {
  const lines = new Map<number, Result[]>();
  const inOrder = [...results].sort((one, other) =>
    isBefore(one.place.end, other.place.end) ? -1 : 1,
  );
  for (const result of inOrder) {
    const { line } = result.place.end;
    lines.set(line, [...(lines.get(line) ?? []), result]);
  }
  return [...lines];
}
