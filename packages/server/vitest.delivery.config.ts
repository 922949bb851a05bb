import { excluded } from "../../harness/quick.ts";
import { DELIVERY, serverProject } from "./vitest.project.ts";

export default serverProject("server delivery", {
  include: [DELIVERY],
  exclude: excluded.server,
});
