import { useLayoutEffect, type RefObject } from "react";

const TOP = 52;
const BELOW = 16;

/** The element reaches from where it stands to the end of the window; left to CSS on narrow ones. */
export function useRestOfWindow(of: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = of.current;
    if (element === null) return;
    const wide = matchMedia("(min-width: 1101px)");
    const place = () => {
      const top = Math.max(element.getBoundingClientRect().top, TOP);
      element.style.height = wide.matches ? `${window.innerHeight - top - BELOW}px` : "";
    };
    place();
    const watch = new ResizeObserver(place);
    watch.observe(document.body);
    window.addEventListener("scroll", place, { passive: true });
    window.addEventListener("resize", place);
    return () => {
      watch.disconnect();
      window.removeEventListener("scroll", place);
      window.removeEventListener("resize", place);
    };
  }, [of]);
}
