import type { ReactNode } from "react";
import { withParams } from "../route.ts";
import { Link } from "./Link.tsx";

export interface Tab {
  id: string;
  title: ReactNode;
  count?: number | undefined;
}

/** Tabs whose choice is the parameter `param` of the address; the first is the default. */
export function Tabs({ tabs, param, current, label }: { tabs: Tab[]; param: string; current: string; label: string }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab, index) => (
        <Link key={tab.id} href={withParams({ [param]: index === 0 ? null : tab.id })} replace
          aria-current={tab.id === current ? "page" : undefined}>
          {tab.title}
          {tab.count !== undefined && tab.count > 0 && <span className="badge">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
