/** A received message, as it was sent: text or bytes. */
export type Message = string | ArrayBuffer;

/** A message to send: text, bytes, or a view of bytes such as a `Uint8Array`. */
export type SendableMessage = string | ArrayBuffer | ArrayBufferView<ArrayBuffer>;
