// Which documents the server is for.

/** VS Code's own id, those that package.json contributes, and those that other extensions do. */
export const LANGUAGES = ["clojure", "basilisp", "hy", "fennel", "janet", "scheme", "racket", "commonlisp"];

/** Documents that have no file; the server gives their text. */
export const SERVERS = "nrepl-lsp";

export const SELECTOR = [
  ...LANGUAGES.flatMap((language) => ["file", "untitled"].map((scheme) => ({ language, scheme }))),
  { scheme: SERVERS },
];
