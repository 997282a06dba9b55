/** Steps in layers, left to right: each stands after all that it needs. */

export interface Needing {
  name: string;
  needs: string[];
}

export interface Point {
  x: number;
  y: number;
}

export interface Edge {
  from: string;
  to: string;
  /** From the middle of one box's right side to that of the other's left. */
  points: Point[];
}

export interface Layout {
  /** Middles of the boxes. */
  nodes: Map<string, Point>;
  edges: Edge[];
  width: number;
  height: number;
}

export interface Spacing {
  boxWidth: number;
  boxHeight: number;
  gapX: number;
  gapY: number;
}

/** A step, or a place that a long edge passes on its way. */
interface Slot {
  name: string;
  layer: number;
  real: boolean;
  before: Slot[];
  after: Slot[];
  y: number;
}

const SWEEPS = 6;

/** Where everything goes. Needs that name no step are left out; a circle is cut where it closes. */
export function layout(steps: Needing[], spacing: Spacing): Layout {
  const layers = layersOf(steps);
  const { slots, chains } = slotsOf(steps, layers);
  const columns: Slot[][] = [];
  for (const slot of slots) (columns[slot.layer] ??= []).push(slot);
  order(columns);
  stack(columns, spacing);
  const pitch = spacing.boxWidth + spacing.gapX;
  const x = (layer: number) => layer * pitch + spacing.boxWidth / 2;
  const least = Math.min(0, ...slots.map((slot) => slot.y - spacing.boxHeight / 2));
  const nodes = new Map<string, Point>();
  for (const slot of slots) if (slot.real) nodes.set(slot.name, { x: x(slot.layer), y: slot.y - least });
  const half = spacing.boxWidth / 2;
  const edges = chains.map((chain) => ({
    from: chain[0]?.name ?? "",
    to: chain.at(-1)?.name ?? "",
    points: chain.flatMap((slot, index) => {
      const at = { x: x(slot.layer), y: slot.y - least };
      if (index === 0) return [{ ...at, x: at.x + half }];
      if (index === chain.length - 1) return [{ ...at, x: at.x - half }];
      return [{ ...at, x: at.x - half }, { ...at, x: at.x + half }];
    }),
  }));
  const lowest = Math.max(0, ...slots.map((slot) => slot.y - least + spacing.boxHeight / 2));
  return { nodes, edges, width: Math.max(0, columns.length * pitch - spacing.gapX), height: lowest };
}

/** The layer of each step: one more than the last of those that it needs. */
export function layersOf(steps: Needing[]): Map<string, number> {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const layers = new Map<string, number>();
  const open = new Set<string>();
  // Without recursion: a chain may have thousands of steps.
  for (const root of steps) {
    const path = [root.name];
    while (path.length > 0) {
      const name = path.at(-1) ?? "";
      if (layers.has(name)) {
        path.pop();
        continue;
      }
      open.add(name);
      const needs = (byName.get(name)?.needs ?? []).filter((need) => byName.has(need));
      const next = needs.find((need) => !layers.has(need) && !open.has(need));
      if (next !== undefined) {
        path.push(next);
        continue;
      }
      layers.set(name, needs.reduce((most, need) => Math.max(most, (layers.get(need) ?? -1) + 1), 0));
      open.delete(name);
      path.pop();
    }
  }
  return layers;
}

function slotsOf(steps: Needing[], layers: Map<string, number>): { slots: Slot[]; chains: Slot[][] } {
  const slots: Slot[] = [];
  const add = (name: string, layer: number, real: boolean): Slot => {
    const slot = { name, layer, real, before: [], after: [], y: 0 };
    slots.push(slot);
    return slot;
  };
  const real = new Map(steps.map((step) => [step.name, add(step.name, layers.get(step.name) ?? 0, true)]));
  const chains: Slot[][] = [];
  for (const step of steps)
    for (const need of step.needs) {
      const from = real.get(need);
      const to = real.get(step.name);
      if (from === undefined || to === undefined || from.layer >= to.layer) continue;
      const chain = [from];
      for (let layer = from.layer + 1; layer < to.layer; layer++) chain.push(add(need, layer, false));
      chain.push(to);
      for (let index = 1; index < chain.length; index++) {
        chain[index - 1]?.after.push(chain[index] as Slot);
        chain[index]?.before.push(chain[index - 1] as Slot);
      }
      chains.push(chain);
    }
  return { slots, chains };
}

/** Fewer crossings: each layer in the order of the middles of its neighbours, back and forth. */
function order(columns: Slot[][]): void {
  const number = (column: Slot[]) => column.forEach((slot, index) => (slot.y = index - column.length / 2));
  columns.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    for (const column of forward ? columns : [...columns].reverse()) {
      const middles = new Map(column.map((slot) => [slot, middle(forward ? slot.before : slot.after, slot.y)]));
      column.sort((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0));
      number(column);
    }
  }
}

function middle(slots: Slot[], otherwise: number): number {
  return slots.length === 0 ? otherwise : slots.reduce((sum, slot) => sum + slot.y, 0) / slots.length;
}

/** Straight lines where there is room: each as near to its neighbours as the order allows. */
function stack(columns: Slot[][], spacing: Spacing): void {
  const pitch = spacing.boxHeight + spacing.gapY;
  const room = (one: Slot, other: Slot) => (one.real || other.real ? pitch : pitch / 2);
  for (const column of columns) column.forEach((slot, index) => (slot.y = (index - (column.length - 1) / 2) * pitch));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    for (const column of forward ? columns : [...columns].reverse()) {
      for (const slot of column) slot.y = middle(forward ? slot.before : slot.after, slot.y);
      const wanted = column.reduce((sum, slot) => sum + slot.y, 0);
      for (let index = 1; index < column.length; index++) {
        const [above, slot] = [column[index - 1] as Slot, column[index] as Slot];
        slot.y = Math.max(slot.y, above.y + room(above, slot));
      }
      const shift = (wanted - column.reduce((sum, slot) => sum + slot.y, 0)) / Math.max(1, column.length);
      for (const slot of column) slot.y += shift;
    }
  }
}
