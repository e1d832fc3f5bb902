import { defineConfig } from "eslint/config";
import typescript from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist/", "out/", "bundled/", "node_modules/"] },
  {
    files: ["**/*.ts"],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Everything here that can be disposed of is VS Code's kind of it.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      // node:test runs what it is given; nobody waits for it.
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["test", "describe", "it"] }] },
      ],
      // An empty text is as good as none in many places.
      "@typescript-eslint/prefer-nullish-coalescing": "off",
    },
  },
);
