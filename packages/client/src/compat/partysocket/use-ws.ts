"use client";

export { useWebSocket as default } from "./use-web-socket";
