import { useState } from "react";

/** A small button that copies `text`. */
export function Copy({ text, label = "Copy" }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  }
  return (
    <button type="button" className="small quiet" onClick={() => void copy()}>
      {done ? "Copied" : label}
    </button>
  );
}
