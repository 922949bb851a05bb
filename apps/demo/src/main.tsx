import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/messages.css";
import "./styles/composer.css";
import "./styles/panel.css";
import "./styles/lab.css";
import "./styles/canvas.css";
import "./styles/shared-page.css";
import "./styles/poll.css";
import "./styles/game.css";

const root = document.querySelector("#root");
if (!root) throw new Error("index.html has no #root.");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
