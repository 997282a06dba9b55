import { createRoot } from "react-dom/client";
import { begin } from "./api/session.ts";
import { App } from "./app.tsx";
import "./style/base.css";
import "./style/parts.css";

// A newer build has other files: the page that asks for one of ours is loaded anew, once.
window.addEventListener("vite:preloadError", () => {
  const last = Number(sessionStorage.getItem("loaded-anew") ?? 0);
  if (Date.now() - last < 10_000) return;
  sessionStorage.setItem("loaded-anew", String(Date.now()));
  location.reload();
});

const place = document.getElementById("app");
if (place === null) throw new Error("index.html has no #app");
createRoot(place).render(<App />);
void begin();
