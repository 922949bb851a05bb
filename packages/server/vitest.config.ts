import { excluded } from "../../harness/quick.ts";
import { CAPABILITIES, serverProject } from "./vitest.project.ts";

export default serverProject("server", { exclude: [...excluded.server, CAPABILITIES] });
