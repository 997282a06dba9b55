import { useEffect, type RefObject } from "react";

/** `j` and `k` go from link to link in a list, from wherever nothing is typed; arrows within it. Enter follows a link by itself. */
export function useRowKeys(list: RefObject<HTMLElement | null>, selector: string): void {
  useEffect(() => {
    function pressed(event: KeyboardEvent) {
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
      const within = list.current?.contains(target) ?? false;
      const down = event.key === "j" || (within && event.key === "ArrowDown");
      const up = event.key === "k" || (within && event.key === "ArrowUp");
      if (!down && !up) return;
      const links = [...(list.current?.querySelectorAll<HTMLElement>(selector) ?? [])];
      const at = links.indexOf(target);
      const next = links[at < 0 ? (down ? 0 : links.length - 1) : at + (down ? 1 : -1)];
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [list, selector]);
}
