import { createRoot } from "react-dom/client";
import { begin } from "./api/session.ts";
import { App } from "./app.tsx";
import "./style/base.css";
import "./style/parts.css";

const place = document.getElementById("app");
if (place === null) throw new Error("index.html has no #app");
createRoot(place).render(<App />);
void begin();
