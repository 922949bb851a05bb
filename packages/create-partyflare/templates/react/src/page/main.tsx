import "./base.css";
import "./PARTY_NAME.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";

const root = document.querySelector("#root");
if (!root) throw new Error("#root is not in the page.");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
