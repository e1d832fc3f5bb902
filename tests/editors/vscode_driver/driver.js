// Answers one JSON request per connection to the socket named in VSCODE_DRIVER.
const fs = require("node:fs");
const net = require("node:net");
const vscode = require("vscode");

function cursor(editor) {
  const { line, character } = editor.selection.active;
  return { line, character };
}

const requests = {
  state() {
    const editor = vscode.window.activeTextEditor;
    if (!editor) return { path: null };
    const { uri, isDirty } = editor.document;
    return {
      path: uri.fsPath,
      dirty: isDirty,
      text: editor.document.getText(),
      cursor: cursor(editor),
      diagnostics: vscode.languages
        .getDiagnostics(uri)
        .map(({ range, message }) => ({ line: range.start.line, text: message })),
    };
  },
  async open({ path }) {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
    await vscode.window.showTextDocument(document, { preview: false });
    return null;
  },
  async run({ command }) {
    await vscode.commands.executeCommand(command);
    return null;
  },
};

async function answer({ request, ...rest }) {
  try {
    return { result: await requests[request](rest) };
  } catch (error) {
    return { error: String(error) };
  }
}

function serve(socket) {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("error", () => socket.destroy());
  socket.on("data", async (part) => {
    text += part;
    if (!text.endsWith("\n")) return;
    socket.end(JSON.stringify(await answer(JSON.parse(text))) + "\n");
  });
}

exports.activate = (context) => {
  const path = process.env.VSCODE_DRIVER;
  fs.rmSync(path, { force: true });
  const server = net.createServer(serve).listen(path);
  context.subscriptions.push({ dispose: () => server.close() });
};
