import { useMemo, type KeyboardEvent } from "react";
import type { StepState } from "../api/query.ts";
import { layout, type Layout, type Point } from "../core/layout.ts";
import { lookOf } from "../core/states.ts";
import { SHAPES } from "../parts/State.tsx";
import "./graph.css";

export interface GraphStep {
  name: string;
  kind: "task" | "approval";
  needs: string[];
  state?: StepState;
}

interface Props {
  steps: GraphStep[];
  selected?: string;
  onSelect?: (step: string) => void;
}

const HEIGHT = 30;
const MARGIN = 8;

/** The steps of a version and what each needs, left to right. It scrolls where it is large. */
export function StepGraph({ steps, selected, onSelect }: Props) {
  const shape = steps.map((step) => `${step.name}\n${step.needs.join("\t")}`).join("\n\n");
  const longest = steps.reduce((most, step) => Math.max(most, step.name.length), 8);
  const boxWidth = Math.min(230, 40 + longest * 7.4);
  // Laid out again only where steps or needs are others: states change often.
  const found = useMemo(() => layout(steps, { boxWidth, boxHeight: HEIGHT, gapX: 44, gapY: 12 }), [shape, boxWidth]);
  const near = selected === undefined ? null : neighbours(steps, selected);
  const width = found.width + 2 * MARGIN;
  const height = found.height + 2 * MARGIN;
  return (
    <div className="graph" tabIndex={0} role="region" aria-label="Graph of the steps">
      <svg width={width} height={height} viewBox={`${-MARGIN} ${-MARGIN} ${width} ${height}`}>
        <g className="graph-edges" aria-hidden="true">
          {found.edges.map((edge) => (
            <path key={`${edge.from} ${edge.to}`} d={curve(edge.points)}
              data-near={edge.from === selected || edge.to === selected || undefined} />
          ))}
        </g>
        {steps.map((step) => (
          <Box key={step.name} step={step} at={place(found, step.name)} width={boxWidth} selected={step.name === selected}
            near={near?.has(step.name) ?? false} {...(onSelect ? { onSelect } : {})} />
        ))}
      </svg>
    </div>
  );
}

interface BoxProps {
  step: GraphStep;
  at: Point;
  width: number;
  selected: boolean;
  near: boolean;
  onSelect?: (step: string) => void;
}

function Box({ step, at, width, selected, near, onSelect }: BoxProps) {
  const look = step.state === undefined ? null : lookOf(step.state);
  const most = Math.floor((width - 38) / 7.2);
  const name = step.name.length > most ? `${step.name.slice(0, most - 1)}…` : step.name;
  const needs = step.needs.length > 0 ? `, needs ${step.needs.join(", ")}` : "";
  const said = `${step.name}${step.kind === "approval" ? ", approval" : ""}${look ? `, ${look.word}` : ""}${needs}`;
  function pressed(event: KeyboardEvent) {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onSelect?.(step.name);
  }
  const acts = onSelect ? { role: "button", tabIndex: 0, onClick: () => onSelect(step.name), onKeyDown: pressed, "aria-pressed": selected } : { role: "img" };
  return (
    <g className="graph-step" transform={`translate(${at.x - width / 2} ${at.y - HEIGHT / 2})`} aria-label={said}
      data-tone={look?.tone} data-selected={selected || undefined} data-near={near || undefined} {...acts}>
      <title>{said}</title>
      <rect width={width} height={HEIGHT} rx={step.kind === "approval" ? HEIGHT / 2 : 4} />
      <g className={look ? `tone-${look.tone}` : "tone-still"} transform={`translate(10 ${HEIGHT / 2 - 6.5}) scale(0.81)`} fill="currentColor">
        {SHAPES[look?.shape ?? (step.kind === "approval" ? "diamond" : "ring")]}
      </g>
      <text x={30} y={HEIGHT / 2 + 4.5}>{name}</text>
    </g>
  );
}

function place(found: Layout, name: string): Point {
  return found.nodes.get(name) ?? { x: 0, y: 0 };
}

function neighbours(steps: GraphStep[], selected: string): Set<string> {
  const own = steps.find((step) => step.name === selected)?.needs ?? [];
  return new Set([...own, ...steps.filter((step) => step.needs.includes(selected)).map((step) => step.name)]);
}

/** Flat where it leaves and arrives. */
function curve(points: Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let before = first;
  let path = `M${first.x} ${first.y}`;
  for (const [index, point] of rest.entries()) {
    const middle = (before.x + point.x) / 2;
    path += index % 2 === 1 ? ` L${point.x} ${point.y}` : ` C${middle} ${before.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    before = point;
  }
  return path;
}
