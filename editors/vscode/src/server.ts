// The language server: started, ended, and what it says.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  type InitializeParams,
  LanguageClient,
  type LanguageClientOptions,
} from "vscode-languageclient/node";

import { offer } from "./asking";
import { serverSettings } from "./configuration";
import { within } from "./interpreter";
import { SELECTOR } from "./languages";
import { CAPABILITIES, type Evaluation, type Output, type Results, type Status } from "./protocol";
import { findServer } from "./python";
import { withTitles } from "./titles";

/** Milliseconds for the server to answer the first request, and to end by itself. */
const START_WITHIN = 30_000;
const STOP_WITHIN = 2000;

const HEARD = ["evaluation", "output", "results", "status"] as const;

export type Life = "untrusted" | "stopped" | "starting" | "running";

/** Who wants to know what the server says, and whether there is one. */
export interface Listener {
  evaluation?(evaluation: Evaluation): void;
  output?(output: Output): void;
  results?(results: Results): void;
  status?(status: Status): void;
  life?(life: Life): void;
}

type CodeActions = (vscode.Command | vscode.CodeAction)[] | null | undefined;
type Feature = Parameters<LanguageClient["registerFeature"]>[0];

/** Registers no commands: those of ours are there before the server is, and after it. */
class Client extends LanguageClient {
  override registerFeature(feature: Feature): void {
    const { registrationType } = feature as { registrationType?: { method: string } };
    if (registrationType?.method !== ExecuteCommandRequest.method) {
      super.registerFeature(feature);
    }
  }

  protected override fillInitializeParams(params: InitializeParams): void {
    super.fillInitializeParams(params);
    const others = params.capabilities.experimental as object | undefined;
    params.capabilities.experimental = { ...others, nrepl: CAPABILITIES };
  }

  /** Into the log only: what the user has to know is said once, in words for people. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class Server {
  readonly listeners: Listener[] = [];
  life: Life = "starting";
  /** The commands that the server announces; known once it runs. */
  commands: readonly string[] = [];
  private client: Client | undefined;
  private starting: Promise<void> | undefined;
  private asked: { at: string; actions: Promise<CodeActions> } | undefined;

  constructor(
    private readonly folder: string,
    readonly log: vscode.LogOutputChannel,
  ) {}

  /** Start it, unless it runs or the workspace is not trusted. */
  async start(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      this.become("untrusted");
    } else if (this.life !== "running") {
      this.starting ??= this.startNow().finally(() => (this.starting = undefined));
      await this.starting;
    }
  }

  async stop(): Promise<void> {
    await this.starting;
    const client = this.client;
    this.client = undefined;
    this.become("stopped");
    await client?.dispose(STOP_WITHIN).catch((error: unknown) => this.log.warn(String(error)));
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** What a command of the server answers; undefined when that cannot be had: the user knows. */
  async execute(command: string, argument: object): Promise<unknown> {
    await this.start();
    const { client } = this;
    if (client === undefined) {
      void this.sayThatItIsNotTrusted();
      return undefined;
    }
    try {
      const params = { command, arguments: [argument] };
      return (await client.sendRequest(ExecuteCommandRequest.type, params)) as unknown;
    } catch (error) {
      if (this.client === client) {
        const message = error instanceof Error ? error.message : String(error);
        void vscode.window.showErrorMessage(`nREPL: ${withTitles(message)}`);
      }
      return undefined;
    }
  }

  async settingsChanged(): Promise<void> {
    await this.starting;
    const settings = { nrepl: serverSettings() };
    await this.client?.sendNotification("workspace/didChangeConfiguration", { settings });
  }

  private async startNow(): Promise<void> {
    this.become("starting");
    const found = await findServer(this.folder).catch((error: unknown) => {
      this.log.error(String(error));
    });
    if (!found) {
      this.become("stopped");
      return;
    }
    const what = [found.command, ...(found.args ?? [])].join(" ");
    this.log.info(`Starting ${what}`);
    const clientOptions = this.options(() => this.client === client);
    const client = new Client("nrepl", "nREPL", found, clientOptions);
    for (const what of HEARD) {
      client.onNotification(`nrepl/${what}`, (it: unknown) => this.tell(what, it as never));
    }
    if (!(await within(client.start().then(() => true), START_WITHIN))) {
      this.become("stopped");
      void client.dispose(STOP_WITHIN).catch(() => undefined);
      void this.offerRestart(`The nREPL language server did not start: ${found.command}`);
      return;
    }
    this.client = client;
    this.commands = client.initializeResult?.capabilities.executeCommandProvider?.commands ?? [];
    this.become("running");
  }

  private options(isCurrent: () => boolean): LanguageClientOptions {
    return {
      documentSelector: SELECTOR,
      outputChannel: this.log,
      connectionOptions: {
        messageStrategy: {
          handleMessage: (message, next) => {
            const { method, params } = message as { method?: string; params?: { message: string } };
            if (params && method?.startsWith("window/showMessage")) {
              params.message = withTitles(params.message);
            }
            return next(message);
          },
        },
      },
      initializationOptions: () => ({ nrepl: serverSettings() }),
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          // While it starts, that fails; of one that was stopped nobody has to be told.
          if (isCurrent()) {
            this.client = undefined;
            this.become("stopped");
            void this.offerRestart("The nREPL language server has ended unexpectedly.");
          }
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        // VS Code asks by itself when the cursor has moved, and shows what comes last: that must not
        // be nothing while the user's own request is under way.
        provideCodeActions: (document, range, context, token, next) => {
          const at = JSON.stringify([document.uri, document.version, range]);
          if (context.triggerKind !== vscode.CodeActionTriggerKind.Invoke) {
            return this.asked?.at === at ? this.asked.actions : next(document, range, context, token);
          }
          const uncancelled = new vscode.CancellationTokenSource().token;
          const actions = Promise.resolve(next(document, range, context, uncancelled));
          const asked = { at, actions };
          this.asked = asked;
          return actions.finally(() => (this.asked = this.asked === asked ? undefined : this.asked));
        },
        workspace: {
          configuration: (params) => params.items.map(() => serverSettings()),
          // It would push the settings of this extension as well.
          didChangeConfiguration: () => Promise.resolve(),
        },
      },
    };
  }

  private async offerRestart(message: string): Promise<void> {
    this.log.error(message);
    const showLog = () => this.log.show();
    await offer(message, { Restart: () => this.restart(), "Show Log": showLog });
  }

  /** Why else there is no server has been said. */
  private async sayThatItIsNotTrusted(): Promise<void> {
    if (this.life === "untrusted") {
      const message = "nREPL connects to nothing until you trust this workspace.";
      const manage = () => vscode.commands.executeCommand("workbench.trust.manage");
      const { showWarningMessage } = vscode.window;
      await offer(message, { "Manage Workspace Trust": manage }, showWarningMessage);
    }
  }

  private become(life: Life): void {
    this.life = life;
    this.tell("life", life as never);
  }

  private tell(what: keyof Listener, it: never): void {
    this.listeners.forEach((listener) => listener[what]?.(it));
  }
}
