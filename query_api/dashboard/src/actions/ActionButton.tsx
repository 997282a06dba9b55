import { useId, useState } from "react";

interface Props {
  children: string;
  /** In the words of the refusal that it would meet; undefined: it can be done. */
  whyNot?: string | undefined;
  onClick: () => void;
  kind?: "primary" | "danger" | "plain";
}

/** A button that says why where it cannot be used now: as title, and when it is pressed. */
export function ActionButton({ children, whyNot, onClick, kind = "plain" }: Props) {
  const reason = useId();
  const [told, setTold] = useState(false);
  const blocked = whyNot !== undefined;
  return (
    <span className="action">
      <button type="button" className={kind === "plain" ? undefined : kind} aria-disabled={blocked || undefined}
        aria-describedby={blocked ? reason : undefined} title={whyNot}
        onClick={() => (blocked ? setTold(!told) : onClick())} onBlur={() => setTold(false)}>
        {children}
      </button>
      {blocked && (
        <span id={reason} className={told ? "why-not" : "unseen"} role={told ? "status" : undefined}>
          {whyNot}
        </span>
      )}
    </span>
  );
}
