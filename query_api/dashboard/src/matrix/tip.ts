/** The note at the pointer: written straight into the page, so that moving the pointer renders nothing. */

import { duration, moment } from "../core/format.ts";
import { lookOf } from "../core/states.ts";
import { stateOf } from "../core/matrix.ts";
import type { Model } from "./draw.ts";
import type { Place } from "./geometry.ts";
import { remarks, retryWords, stateWord } from "./words.ts";

export class Tip {
  private readonly title = document.createElement("strong");
  private readonly state = document.createElement("span");
  private readonly rest = document.createElement("span");

  constructor(private readonly element: HTMLElement, private readonly root: HTMLElement) {
    element.replaceChildren(this.title, this.state, this.rest);
  }

  show(model: Model, place: Place, x: number, y: number): void {
    this.say(model, place);
    this.element.hidden = false;
    const bounds = this.root.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = x - bounds.left + 14 + width > bounds.width ? x - bounds.left - width - 10 : x - bounds.left + 14;
    const top = y - bounds.top + 18 + height > bounds.height ? y - bounds.top - height - 10 : y - bounds.top + 18;
    this.element.style.transform = `translate(${Math.max(0, left)}px, ${Math.max(0, top)}px)`;
  }

  hide(): void {
    this.element.hidden = true;
  }

  say(model: Model, place: Place): void {
    const column = model.grid.columns[place.column];
    if (column === undefined) return this.hide();
    const row = model.rows[place.row] ?? -1;
    const step = model.grid.steps[row];
    if (step === undefined) {
      this.title.textContent = `Run #${column.number}`;
      this.tell(column.state, lookOf(column.state).word);
      const told = [`created ${moment(column.createdAt)}`, `version ${column.version}`];
      if (column.durationS !== null) told.unshift(duration(column.durationS));
      if (column.retryOf !== null) told.push(retryWords(model.grid, column));
      this.rest.textContent = told.join(" · ");
      return;
    }
    const code = column.cells[row] ?? 0;
    this.title.textContent = step.name;
    this.tell(stateOf(code) ?? "", stateWord(code));
    this.rest.textContent = [`#${column.number}`, ...remarks(column, row), moment(column.createdAt)].join(" · ");
  }

  private tell(state: string, word: string): void {
    this.state.className = `tone-${lookOf(state).tone}`;
    this.state.textContent = word;
  }
}
