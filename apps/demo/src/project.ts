export const SOURCE_URL = "https://github.com/partyflare/partyflare";

export const DOCS_URL = `${SOURCE_URL}/tree/main/docs`;
