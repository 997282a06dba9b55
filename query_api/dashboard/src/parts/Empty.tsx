import type { ReactNode } from "react";

/** What to do next, where there is nothing to show. `page`: it is all that the page has. */
export function Empty({ title, page, children }: { title: string; page?: boolean; children?: ReactNode }) {
  return (
    <div className="empty">
      {page ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  );
}
