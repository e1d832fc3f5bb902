import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";

import {
  ask,
  choosePython,
  expand,
  findProgram,
  isNewEnough,
  type Machine,
  thisMachine,
  within,
} from "../src/interpreter";

/** A machine with these programs, and what each says when it is asked. */
function machineWith(programs: Record<string, string | undefined>, more: Partial<Machine> = {}) {
  const asked: string[] = [];
  const machine: Machine = {
    platform: "linux",
    env: { PATH: "/usr/bin:relative:/opt/bin" },
    isFile: (file) => file in programs,
    run: (program) => {
      asked.push(program);
      return Promise.resolve(programs[program]);
    },
    ...more,
  };
  return { machine, asked };
}

const none = () => Promise.resolve(undefined);

test("a setting may begin with ~ and name the workspace's folder", () => {
  assert.equal(expand("~/bin/python", "/home/me", undefined), "/home/me/bin/python");
  assert.equal(expand("~", "/home/me", undefined), "/home/me");
  assert.equal(expand("~other/python", "/home/me", undefined), "~other/python");
  assert.equal(expand(" ${workspaceFolder}/.venv/bin/x ", "/h", "/p$&"), "/p$&/.venv/bin/x");
  assert.equal(expand("${workspaceFolder}/x", "/h", undefined), "${workspaceFolder}/x");
});

test("names are looked up in PATH, never in the project's folder", () => {
  const { machine } = machineWith({ "/opt/bin/python3": "", "relative/python3": "", python3: "" });
  assert.equal(findProgram("python3", machine), "/opt/bin/python3");
  assert.equal(findProgram("/opt/bin/python3", machine), "/opt/bin/python3");
  assert.equal(findProgram("/usr/bin/python3", machine), undefined);
  assert.equal(findProgram("relative/python3", machine), undefined);
  assert.equal(findProgram("python", machine), undefined);
});

test("on Windows names end in .exe, and PATH may be called Path", () => {
  const { machine } = machineWith(
    { "C:\\Python\\python3.exe": "" },
    { platform: "win32", env: { Path: ".;C:\\Python" } },
  );
  assert.equal(findProgram("python3", machine), "C:\\Python\\python3.exe");
});

test("3.11 is new enough, 3.9 is not", () => {
  assert.deepEqual(["2.7.18", "3.9.1", "3.10.13", "3.11.0", "3.14.2", "4.0.0"].map(isNewEnough), [
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
});

test("the setting's Python is taken, and no other one is asked", async () => {
  const { machine, asked } = machineWith({
    "/opt/py": "3.12.1\n/opt/real\n",
    "/usr/bin/python3": "3.13.0\n/usr/bin/python3\n",
  });
  assert.deepEqual(await choosePython(machine, "/opt/py", none), {
    version: "3.12.1",
    executable: "/opt/real",
  });
  assert.deepEqual(asked, ["/opt/py"]);
});

test("a setting that is wrong is said, and not passed over", async () => {
  const { machine } = machineWith({
    "/opt/old": "3.9.18\n/opt/old\n",
    "/opt/other": "usage: other [options]\n",
    "/usr/bin/python3": "3.13.0\n/usr/bin/python3\n",
  });
  assert.equal(
    await choosePython(machine, "/opt/old", none),
    "/opt/old (nrepl.server.python) is Python 3.9.18; nrepl-lsp needs Python 3.11 or newer.",
  );
  for (const wrong of ["/opt/other", "/opt/missing"]) {
    assert.deepEqual(
      await choosePython(machine, wrong, none),
      `${wrong} (nrepl.server.python) is no Python that can be started.`,
    );
  }
});

test("the Python extension's interpreter goes before PATH, when it is new enough", async () => {
  const { machine } = machineWith({
    "/p/.venv/bin/python": "3.11.7\n/p/.venv/bin/python\n",
    "/p/old/bin/python": "3.8.1\n/p/old/bin/python\n",
    "/usr/bin/python3": "3.13.0\n/usr/bin/python3\n",
  });
  const chosen = (file: string) => choosePython(machine, "", () => Promise.resolve(file));
  assert.deepEqual(await chosen("/p/.venv/bin/python"), {
    version: "3.11.7",
    executable: "/p/.venv/bin/python",
  });
  assert.deepEqual(await chosen("/p/old/bin/python"), {
    version: "3.13.0",
    executable: "/usr/bin/python3",
  });
});

test("of PATH the first that is new enough is taken, and shims that fail are passed over", async () => {
  const { machine, asked } = machineWith({
    "/usr/bin/python3.14": undefined,
    "/opt/bin/python3.12": "3.12.4\n/real/python3.12\n",
    "/usr/bin/python3": "3.13.0\n/usr/bin/python3\n",
  });
  assert.deepEqual(await choosePython(machine, "", none), {
    version: "3.12.4",
    executable: "/real/python3.12",
  });
  assert.deepEqual(asked, ["/usr/bin/python3.14", "/opt/bin/python3.12"]);
});

test("on Windows the launcher is asked last, for any Python 3", async () => {
  const programs = {
    "C:\\w\\py.exe": "3.12.0\r\nC:\\Python312\\python.exe\r\n",
    "C:\\w\\python.exe": undefined,
  };
  const calls: string[][] = [];
  const { machine } = machineWith(programs, {
    platform: "win32",
    env: { PATH: "C:\\w" },
    run: (program, args) => {
      calls.push([program, ...args.slice(0, -2)]);
      return Promise.resolve(programs[program as keyof typeof programs]);
    },
  });
  assert.deepEqual(await choosePython(machine, "", none), {
    version: "3.12.0",
    executable: "C:\\Python312\\python.exe",
  });
  assert.deepEqual(calls, [
    ["C:\\w\\python.exe", "-E", "-S"],
    ["C:\\w\\py.exe", "-3", "-E", "-S"],
  ]);
});

test("what was found instead is said", async () => {
  const old = machineWith({
    "/usr/bin/python3": "3.9.2\n/usr/bin/python3.9\n",
    "/usr/bin/python": "3.9.2\n/usr/bin/python3.9\n",
  });
  assert.deepEqual(
    await choosePython(old.machine, "", none),
    "nrepl-lsp needs Python 3.11 or newer; found was only 3.9.2 (/usr/bin/python3.9).",
  );
  assert.deepEqual(
    await choosePython(machineWith({}).machine, "", none),
    "nrepl-lsp needs Python 3.11 or newer; none was found.",
  );
});

test("a Python that does not know its own name is started as it was found", async () => {
  const { machine } = machineWith({ "/opt/py": "3.12.1\n\n" });
  assert.deepEqual(await ask(machine, "/opt/py"), { version: "3.12.1", executable: "/opt/py" });
});

test(
  "a program that hangs costs its time and no more",
  { skip: process.platform === "win32" },
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "nrepl-lsp-"));
    try {
      const hanging = path.join(folder, "python");
      writeFileSync(hanging, "#!/bin/sh\nsleep 8 &\nsleep 8\n");
      chmodSync(hanging, 0o755);
      const begun = performance.now();
      assert.equal(await ask(thisMachine(folder, 200), hanging), undefined);
      assert.ok(performance.now() - begun < 5000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test("a promise gets its time, and its failure is no answer", async () => {
  assert.equal(await within(Promise.resolve(1), 500), 1);
  assert.equal(await within(Promise.reject(new Error("no")), 500), undefined);
  const never = new Promise<number>(() => undefined);
  assert.equal(await within(never, 10), undefined);
});
