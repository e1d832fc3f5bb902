// Which Python runs the bundled server. Nothing of VS Code in here.

import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";

const OLDEST = [3, 11] as const;
const NAMES = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"];

// Every Python since 2.6 can say this, and imports nothing of the user's for it.
const QUESTION =
  'import sys; print("%d.%d.%d" % sys.version_info[:3]); print(sys.executable or "")';

/** The machine, as far as looking for a Python needs it. */
export interface Machine {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  isFile(file: string): boolean;
  /** What a program prints; nothing when it fails, is missing or takes too long. */
  run(program: string, args: string[]): Promise<string | undefined>;
}

/** The interpreter itself: what a shim chooses may be another one in the project's folder. */
export interface Python {
  executable: string;
  version: string;
}

/** The value of a setting that names a program, with `~` and `${workspaceFolder}` written out. */
export function expand(text: string, home: string, folder: string | undefined): string {
  const at = text.trim().replace(/^~(?=$|[/\\])/, () => home);
  return folder === undefined ? at : at.replaceAll("${workspaceFolder}", () => folder);
}

/**
 * The program's file: a path as it is, a name from the folders of PATH. We look ourselves, because
 * Windows would take a program of that name in the project's folder first.
 */
export function findProgram(name: string, machine: Machine): string | undefined {
  const isWindows = machine.platform === "win32";
  const paths = isWindows ? path.win32 : path.posix;
  if (/[/\\]/.test(name)) {
    return paths.isAbsolute(name) && machine.isFile(name) ? name : undefined;
  }
  return (machine.env.PATH ?? machine.env.Path ?? "")
    .split(paths.delimiter)
    .filter((folder) => paths.isAbsolute(folder))
    .map((folder) => paths.join(folder, isWindows ? `${name.replace(/\.exe$/i, "")}.exe` : name))
    .find((file) => machine.isFile(file));
}

/** The Python that a program is or starts. */
export async function ask(machine: Machine, program: string | undefined, args: string[] = []) {
  const question = [...args, "-E", "-S", "-c", QUESTION];
  const answer = program === undefined ? undefined : await machine.run(program, question);
  const [, version, executable] = /^(\d+\.\d+\.\d+)\r?\n(.*)/.exec(answer ?? "") ?? [];
  return version && program ? { version, executable: executable?.trim() || program } : undefined;
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/**
 * The Python of the setting, which is never replaced by another one; without a setting the Python
 * extension's, then the first of PATH that is new enough. A text says why there is none.
 */
export async function choosePython(
  machine: Machine,
  setting: string,
  extension: () => Promise<string | undefined>,
): Promise<Python | string> {
  const needs = `nrepl-lsp needs Python ${OLDEST.join(".")} or newer`;
  if (setting) {
    const python = await ask(machine, findProgram(setting, machine));
    if (python === undefined) {
      return `${setting} (nrepl.server.python) is no Python that can be started.`;
    }
    const { version } = python;
    return isNewEnough(version)
      ? python
      : `${setting} (nrepl.server.python) is Python ${version}; ${needs}.`;
  }
  const launcher = machine.platform === "win32" ? findProgram("py", machine) : undefined;
  const named = NAMES.map((name) => findProgram(name, machine));
  const old = new Set<string>();
  for (const program of new Set([await extension(), ...named, launcher])) {
    const python = await ask(machine, program, program === launcher ? ["-3"] : []);
    if (python !== undefined && isNewEnough(python.version)) {
      return python;
    }
    if (python !== undefined) {
      old.add(`${python.version} (${python.executable})`);
    }
  }
  return `${needs}; ${old.size ? `found was only ${[...old].join(", ")}` : "none was found"}.`;
}

/** This machine. Programs are started in `folder`, and given `timeout` milliseconds. */
export function thisMachine(folder: string, timeout = 3000): Machine {
  const options = { cwd: folder, timeout, killSignal: "SIGKILL", windowsHide: true } as const;
  return {
    platform: process.platform,
    env: process.env,
    isFile: (file) => {
      try {
        return statSync(file).isFile();
      } catch {
        return false; // missing, or not for us to look at
      }
    },
    run: (program, args) =>
      new Promise((resolve) => {
        execFile(program, args, options, (error, out) => resolve(error ? undefined : out));
      }),
  };
}

/** What `promise` gives, or nothing when that takes longer than `limit` milliseconds or fails. */
export function within<T>(promise: Promise<T>, limit: number): Promise<T | undefined> {
  return Promise.race([promise.catch(() => undefined), setTimeout(limit, undefined)]);
}
