import { describe, expect, it } from "vitest";
import { layersOf, layout } from "./layout.ts";

const SPACING = { boxWidth: 100, boxHeight: 20, gapX: 40, gapY: 10 };
const step = (name: string, ...needs: string[]) => ({ name, needs });
const DIAMOND = [step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c")];

describe("layers", () => {
  it("put each step after all that it needs", () => {
    expect([...layersOf([step("late", "b"), ...DIAMOND, step("e", "a", "d")])]).toEqual(
      expect.arrayContaining([["a", 0], ["b", 1], ["c", 1], ["late", 2], ["d", 2], ["e", 3]]),
    );
  });
  it("leave out what no step is named, and end at a circle", () => {
    const layers = layersOf([step("a", "nobody", "b"), step("b", "a")]);
    expect(layers.size).toBe(2);
  });
  it("take a chain of thousands", () => {
    const chain = Array.from({ length: 5000 }, (_, at) => step(`s${at}`, ...(at === 0 ? [] : [`s${at - 1}`])));
    expect(layersOf(chain.toReversed()).get("s4999")).toBe(4999);
  });
});

describe("a layout", () => {
  const found = layout(DIAMOND, SPACING);
  it("goes from left to right", () => {
    expect(found.nodes.get("a")?.x).toBe(50);
    expect(found.nodes.get("d")?.x).toBe(50 + 2 * 140);
    expect(found.width).toBe(380);
  });
  it("lets no boxes of a layer overlap", () => {
    const gap = Math.abs((found.nodes.get("b")?.y ?? 0) - (found.nodes.get("c")?.y ?? 0));
    expect(gap).toBeGreaterThanOrEqual(30);
  });
  it("centres a step between those that it needs", () => {
    const at = (name: string) => found.nodes.get(name)?.y ?? NaN;
    expect(at("d")).toBeCloseTo((at("b") + at("c")) / 2);
  });
  it("leads long edges past the layers between, from side to side", () => {
    const long = layout([...DIAMOND, step("e", "a", "d")], SPACING).edges.find((edge) => edge.from === "a" && edge.to === "e");
    expect(long?.points.length).toBe(6);
    expect(long?.points[0]?.x).toBe(100);
    expect(long?.points.at(-1)?.x).toBe(420);
  });
  it("of nothing is empty", () => expect(layout([], SPACING)).toMatchObject({ width: 0, height: 0, edges: [] }));
});
