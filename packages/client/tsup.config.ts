import { defineConfig } from "tsup";
import { licenceOfPartysocket, partysocket } from "../../scripts/partysocket.mjs";

export default defineConfig({
  entry: [
    "src/index.ts",
    "src/react/index.ts",
    "src/compat/partysocket/{index,react,use-ws,ws}.ts",
  ],
  format: "esm",
  target: "es2022",
  dts: true,
  sourcemap: true,
  clean: true,
  esbuildPlugins: [partysocket, licenceOfPartysocket],
});
