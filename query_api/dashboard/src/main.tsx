import { createRoot } from "react-dom/client";
import { begin } from "./api/session.ts";
import { App } from "./app.tsx";
import { preparePages } from "./pages.tsx";
import "./style/base.css";
import "./style/parts.css";

preparePages();
void begin();

const place = document.getElementById("app");
if (place === null) throw new Error("index.html has no #app");
createRoot(place).render(<App />);
