// Commands in the server's sentences, as the palette calls them. Nothing of VS Code in here.

import { contributes } from "../package.json";

const TITLES = new Map(
  contributes.commands.map(({ command, category, title }) => [command, `“${category}: ${title}”`]),
);

/** They name commands for every editor: `run nrepl.connect`, `Load the file first (nrepl.loadFile)`. */
export function withTitles(sentence: string): string {
  return sentence.replace(/(?<=\b(?:run|use) |\()nrepl\.\w+\b(?!\/)/g, (name) => TITLES.get(name) ?? name);
}
