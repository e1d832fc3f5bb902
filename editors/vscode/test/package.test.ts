import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { LANGUAGES } from "../src/languages";

interface Binding {
  command: string;
  key: string;
  when: string;
}

interface Package {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    languages: { id: string; configuration?: string }[];
    grammars: { language: string; scopeName: string; path: string }[];
    commands: { command: string; category: string }[];
    keybindings: Binding[];
    menus: Record<string, { command?: string; submenu?: string; when?: string }[]>;
    submenus: { id: string }[];
    configuration: { properties: Record<string, unknown> }[];
  };
}

// `npm test` is run in the extension's folder.
const { activationEvents, capabilities, contributes } = JSON.parse(
  readFileSync("package.json", "utf8"),
) as Package;
const contributed = new Set(contributes.commands.map(({ command }) => command));
const documented = new Set(
  [...readFileSync("../../docs/commands.md", "utf8").matchAll(/`(nrepl\.\w+)`/g)].map(
    ([, name]) => name,
  ),
);

/** Commands of the extension itself. */
const OWN = ["nrepl.menu", "nrepl.restartServer", "nrepl.showLog"];

/** The server's commands that are for programs only. */
const FOR_PROGRAMS = ["nrepl.applyAction", "nrepl.namespaces", "nrepl.sessions"];

test("every command is the server's or the extension's own", () => {
  for (const name of contributed) {
    assert.ok(documented.has(name) || OWN.includes(name), name);
  }
});

test("every command of the server that is for people is in the palette", () => {
  const headings = readFileSync("../../docs/commands.md", "utf8").matchAll(/^### `(nrepl\.\w+)`$/gm);
  const names = [...headings].map(([, name]) => name ?? "");
  assert.ok(names.length > 20);
  const missing = names.filter((name) => !contributed.has(name) && !FOR_PROGRAMS.includes(name));
  assert.deepEqual(missing, []);
});

test("every command is in the category nREPL", () => {
  const others = contributes.commands.filter(({ category }) => category !== "nREPL");
  assert.deepEqual(others, []);
});

test("keys and menus run commands that there are", () => {
  const submenus = contributes.submenus.map(({ id }) => id);
  for (const { command } of contributes.keybindings) {
    assert.ok(contributed.has(command), command);
  }
  for (const { command, submenu } of Object.values(contributes.menus).flat()) {
    assert.ok(command === undefined || contributed.has(command), command);
    assert.ok(submenu === undefined || submenus.includes(submenu), submenu);
  }
});

test("no key means two things", () => {
  const seen = new Set<string>();
  for (const { key, when } of contributes.keybindings) {
    assert.ok(!seen.has(`${key} ${when}`), key);
    seen.add(`${key} ${when}`);
  }
});

test("every key is for our languages, and off where Calva's are on or the user wants none", () => {
  for (const { key, when } of contributes.keybindings) {
    assert.match(when, /config\.nrepl\.keybindings != never/, key);
    // In the inspector's document there is nothing of Calva's, and nothing to type.
    if (!when.startsWith("editorTextFocus && resourceScheme == nrepl-lsp && ")) {
      assert.match(when, /^editorTextFocus && editorLangId in nrepl:languages && /, key);
      assert.match(when, /!calva:keybindingsEnabled/, key);
    }
  }
});

test("the palette shows commands once the extension is active", () => {
  const palette = contributes.menus.commandPalette ?? [];
  assert.deepEqual(new Set(palette.map(({ command }) => command)), contributed);
  for (const { command, when } of palette) {
    assert.match(when ?? "", /^(nrepl:active|false)/, command);
  }
});

test("the extension is started by each of its languages, and has their files", () => {
  for (const language of LANGUAGES) {
    assert.ok(activationEvents.includes(`onLanguage:${language}`), language);
    assert.ok(contributes.languages.some(({ id }) => id === language), language);
  }
  const files = [
    ...contributes.languages.map(({ configuration }) => configuration),
    ...contributes.grammars.map(({ path }) => path),
  ];
  for (const file of files) {
    if (file !== undefined) {
      assert.doesNotThrow(() => JSON.parse(readFileSync(file, "utf8")), file);
    }
  }
});

test("a workspace that is not trusted can neither choose the server nor the REPL", () => {
  const { restrictedConfigurations } = capabilities.untrustedWorkspaces;
  const all = contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
  for (const name of all.filter((one) => one.startsWith("nrepl.server.") || one === "nrepl.connect")) {
    assert.ok(restrictedConfigurations.includes(name), name);
  }
  assert.ok(all.includes("nrepl.keybindings"));
});

