import { FRAMEWORKS, TEMPLATES } from "./templates";

/** The text of `--help`. */
export const HELP = `Creates a project with a live, typed room on Cloudflare Durable Objects.

  npm create partyflare@latest [folder] -- [options]
  npx create-partyflare migrate [folder] [--force]

Options (npm needs the "--" before them):

  -t, --template <name>   ${TEMPLATES.map(({ name }) => name).join(", ")}
  --${FRAMEWORKS.join(", --")}      how the page is written; --framework <name> is the same
  -y, --yes               ask nothing, and take defaults
  --no-install            do not install the packages
  --no-git                do not make a Git repository
  -h, --help              show this text
  -v, --version           show the version

Templates:

${TEMPLATES.map(({ name, hint }) => `  ${name.padEnd(8)} ${hint}`).join("\n")}

"migrate" turns the partykit.json of a PartyKit project into wrangler.jsonc and a Worker, and lists
what it could not carry over. It writes over files only with --force.
`;
