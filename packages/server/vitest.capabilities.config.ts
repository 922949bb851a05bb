import { excluded } from "../../harness/quick.ts";
import { CAPABILITIES, DELIVERY, serverProject } from "./vitest.project.ts";

export default serverProject("server capabilities", {
  include: [CAPABILITIES],
  exclude: [...excluded.server, DELIVERY],
});
