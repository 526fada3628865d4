// The map: a row for each step, a column for each block, drawn on a canvas.

import { ALL } from "./trace.js";

const MOST_ROW = 6;

/** At the right of the map, for the signs of steps. */
const MARGIN = 16;

/** Few heads of few layers are to be seen too. */
const GAMMA = 0.6;

export class ReadingMap {
  #canvas;
  #trace = null;
  #layer;
  #chosen = -1;
  #waits = false;

  constructor(canvas, layer) {
    this.#canvas = canvas;
    this.#layer = layer;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(trace, layer, chosen) {
    this.#trace = trace;
    this.#layer = layer;
    this.#chosen = chosen;
    this.draw();
  }

  /** Draws with the next frame. */
  draw() {
    if (!this.#waits) {
      this.#waits = true;
      requestAnimationFrame(() => {
        this.#waits = false;
        this.#drawNow();
      });
    }
  }

  /** The index of the step at a height, or -1. */
  stepAt(clientY) {
    const steps = this.#trace?.steps.length ?? 0;
    const box = this.#canvas.getBoundingClientRect();
    const index = Math.floor((clientY - box.top) / this.#rowHeight(box.height));
    return index >= 0 && index < steps ? index : -1;
  }

  #rowHeight(height) {
    return Math.min(MOST_ROW, height / this.#trace.steps.length);
  }

  #drawNow() {
    const canvas = this.#canvas;
    const scale = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * scale);
    const height = Math.round(canvas.clientHeight * scale);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    const trace = this.#trace;
    if (width === 0 || trace === null || trace.steps.length === 0) {
      return;
    }
    const style = getComputedStyle(canvas);
    const columns = width - Math.round(MARGIN * scale);
    this.#drawRows(context, columns, height, scale, style);
    this.#drawBorder(context, columns, height, style);
    this.#drawSigns(context, columns, scale, style);
    this.#drawChosen(context, width, scale, style);
  }

  #drawRows(context, columns, height, scale, style) {
    const steps = this.#trace.steps;
    const row = this.#rowHeight(this.#canvas.clientHeight) * scale;
    const rows = Math.min(height, Math.ceil(row * steps.length));
    const blocks = this.#trace.blocks;
    const image = context.createImageData(columns, rows);
    const none = rgb(style.getPropertyValue("--map"));
    const full = rgb(style.getPropertyValue("--map-full"));
    const sums = new Float32Array(columns);
    for (let y = 0; y < rows; y++) {
      // One step, or the mean of those that share a row of pixels.
      const first = Math.min(steps.length - 1, Math.floor(y / row));
      const last = Math.max(first + 1, Math.min(steps.length, Math.floor((y + 1) / row)));
      sums.fill(0);
      for (let i = first; i < last; i++) {
        addStep(steps[i], this.#layer, blocks, sums);
      }
      for (let x = 0, at = y * columns * 4; x < columns; x++, at += 4) {
        const depth = Math.pow(sums[x] / ALL / (last - first), GAMMA);
        for (let c = 0; c < 3; c++) {
          image.data[at + c] = none[c] + (full[c] - none[c]) * depth;
        }
        image.data[at + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
  }

  /** Between the prompt's blocks and the text's. */
  #drawBorder(context, columns, height, style) {
    const x = Math.round((this.#trace.promptBlocks / this.#trace.blocks) * columns);
    context.fillStyle = style.getPropertyValue("--edge");
    context.fillRect(x, 0, 1, height);
  }

  #drawSigns(context, columns, scale, style) {
    const row = this.#rowHeight(this.#canvas.clientHeight) * scale;
    const size = 4 * scale;
    const x = columns + 5 * scale;
    context.lineWidth = 1.5 * scale;
    for (const [index, kind] of this.#trace.signs) {
      const y = (index + 0.5) * row;
      const signal = style.getPropertyValue(kind === "accepted" ? "--soft" : "--signal");
      context.fillStyle = signal;
      context.strokeStyle = signal;
      context.beginPath();
      if (kind === "rectified") {
        context.moveTo(x, y);
        context.lineTo(x + size * 1.5, y - size * 0.75);
        context.lineTo(x + size * 1.5, y + size * 0.75);
        context.fill();
      } else if (kind === "refused") {
        context.moveTo(x, y - size / 2);
        context.lineTo(x + size, y + size / 2);
        context.moveTo(x + size, y - size / 2);
        context.lineTo(x, y + size / 2);
        context.stroke();
      } else {
        context.fillRect(x + size / 2, y - scale / 2, scale, scale);
      }
    }
  }

  #drawChosen(context, width, scale, style) {
    if (this.#chosen < 0) {
      return;
    }
    const row = this.#rowHeight(this.#canvas.clientHeight) * scale;
    const height = Math.max(row, 3 * scale);
    context.strokeStyle = style.getPropertyValue("--signal");
    context.lineWidth = scale;
    context.strokeRect(
      scale / 2,
      (this.#chosen + 0.5) * row - height / 2,
      width - scale,
      height,
    );
  }
}

/** Adds a step's values to each column of pixels. */
function addStep(step, layer, blocks, sums) {
  const cells = step.cells(layer);
  const end = Math.min(sums.length, Math.ceil((step.blocks / blocks) * sums.length));
  for (let x = 0; x < end; x++) {
    if (cells === null) {
      sums[x] += ALL;
    } else {
      const block = Math.min(step.blocks - 1, Math.floor((x * blocks) / sums.length));
      sums[x] += cells[Math.floor(block / step.cell)];
    }
  }
}

/** A colour such as #0b4a4f, in numbers. */
function rgb(colour) {
  const hex = colour.trim().slice(1);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
