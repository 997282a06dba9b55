import type { ComponentPropsWithoutRef, MouseEvent } from "react";
import { navigate } from "../route.ts";

interface Props extends ComponentPropsWithoutRef<"a"> {
  href: string;
  replace?: boolean;
}

/** A link to a page of ours: no reload, and all that a browser does with links. */
export function Link({ href, replace = false, onClick, ...rest }: Props) {
  function follow(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href, { replace });
  }
  return <a {...rest} href={href} onClick={follow} />;
}
