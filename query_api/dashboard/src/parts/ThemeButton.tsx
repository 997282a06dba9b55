import { useState } from "react";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

function stored(): Theme {
  const found = localStorage.getItem("theme");
  return THEMES.find((theme) => theme === found) ?? "system";
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  window.dispatchEvent(new Event("themechange"));
}
apply(stored());

/** Light, dark, or as the system has it; kept in the browser. */
export function ThemeButton() {
  const [theme, setTheme] = useState(stored);
  function next() {
    const chosen = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
    localStorage.setItem("theme", chosen);
    apply(chosen);
    setTheme(chosen);
  }
  return (
    <button type="button" className="quiet theme" onClick={next} aria-label={`Theme: ${theme}. Change`} title={`Theme: ${theme}`}>
      {theme === "light" ? "☀" : theme === "dark" ? "☾" : "◐"}
    </button>
  );
}
