// The smallest client of nrepl-lsp. The client library turns the server's commands into VS Code's;
// here they get the cursor or the selection as their argument.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function cursor() {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return {};
  const range = client.code2ProtocolConverter.asRange(editor.selection);
  return { uri: editor.document.uri.toString(), range };
}

exports.activate = () => {
  const command = vscode.workspace.getConfiguration("nreplLsp").get("command");
  const languages = ["clojure", "hy", "fennel", "janet"];
  client = new LanguageClient("nrepl", "nREPL", { command }, {
    documentSelector: languages.map((language) => ({ language })),
    synchronize: { configurationSection: "nrepl" },
    middleware: {
      executeCommand: (name, args, next) => next(name, args.length ? args : [cursor()]),
    },
  });
  return client.start();
};

exports.deactivate = () => client?.stop();
