import { memo, type CSSProperties } from "react";
import { marked, pieces, type Piece } from "../../core/ansi.ts";

/** A line's text with its colours, and what is sought marked. Text only, whatever is in it. */
export const LogText = memo(function LogText({ text, sought }: { text: string; sought: string }) {
  return (
    <>
      {marked(pieces(text), sought).map((piece, index) => {
        const [className, style] = look(piece);
        const shown = "hit" in piece ? <mark>{piece.text}</mark> : piece.text;
        return className || style ? <span key={index} className={className || undefined} style={style}>{shown}</span>
          : <span key={index}>{shown}</span>;
      })}
    </>
  );
});

/** Colours of the palette are ours, so that they can be read in both themes; own ones are bent to that. */
function look({ fg, bg, bold, dim, italic, underline }: Piece): [string, CSSProperties | undefined] {
  const names: string[] = [];
  const style: Record<string, string> = {};
  if (typeof fg === "number") names.push(`ansi-${fg}`);
  else if (fg !== undefined) {
    names.push(bg === undefined ? "ansi-own" : "ansi-raw");
    style["--ansi"] = fg;
  }
  if (bg !== undefined) {
    names.push("ansi-back");
    style["--ansi-back"] = typeof bg === "number" ? `var(--ansi-${bg})` : bg;
  }
  if (bold) names.push("ansi-bold");
  if (dim) names.push("ansi-dim");
  if (italic) names.push("ansi-italic");
  if (underline) names.push("ansi-underline");
  return [names.join(" "), Object.keys(style).length > 0 ? style : undefined];
}
