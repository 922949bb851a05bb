/** Where the source is. */
export const SOURCE_URL = "https://github.com/partyflare/partyflare";

/** Where the documentation is. */
export const DOCS_URL = `${SOURCE_URL}/tree/main/docs`;
