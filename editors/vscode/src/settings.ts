// What the server is told of the settings. Nothing of VS Code in here.

/** Settings under `nrepl.` that are this extension's own; the server knows the others. */
const OWN = /^(server|trace)\.|^keybindings$/;

/** Columns of a value beside the code; wider ones run out of many windows. */
const WIDTH = 80;

/** A setting's name without `nrepl.`, and its value where the user has chosen one. */
export type Chosen = ReadonlyMap<string, unknown>;

/** The settings for the server. Beside Calva it answers only what Calva does not, unless told. */
export function forServer(chosen: Chosen, isBesideCalva: boolean): Record<string, unknown> {
  const settings = Object.fromEntries([...chosen].filter(([name]) => !OWN.test(name)));
  if (isBesideCalva) {
    settings.profile ??= "complement";
  }
  settings["results.show"] ??= "auto";
  // This extension shows them.
  if (settings["results.show"] === "auto") {
    settings["results.show"] = "none";
    settings["results.width"] ??= WIDTH;
  }
  return settings;
}
