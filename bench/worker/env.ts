/** The Worker's bindings: each contender's rooms, under the name of their class. */
export interface Env extends Cloudflare.Env {
  HandWritten: DurableObjectNamespace;
  HandWrittenCached: DurableObjectNamespace;
  HandWrittenDurable: DurableObjectNamespace;
  HandWrittenCounted: DurableObjectNamespace;
  HandWrittenPresent: DurableObjectNamespace;
  HandWrittenBoard: DurableObjectNamespace;
  HandWrittenBoardCounted: DurableObjectNamespace;
  WholeBoard: DurableObjectNamespace;
  WholeBoardCounted: DurableObjectNamespace;
  NaiveChat: DurableObjectNamespace;
  NaiveCursors: DurableObjectNamespace;
  NaiveDashboard: DurableObjectNamespace;
}
