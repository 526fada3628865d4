// What the server says of the cache, step by step: the field resa of docs/server.md.

const SCALE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Uint8Array(128);
for (let i = 0; i < SCALE.length; i++) {
  VALUES[SCALE.charCodeAt(i)] = i;
}

export const ALL = SCALE.length - 1;

/** Layers averaged. */
export const EVERY_LAYER = -1;

/** Cells that are kept, some tens of megabytes. */
const MOST_CELLS = 1 << 26;

/** One step: the position of the token that it cached; the token after it is what it wrote. */
class Step {
  constructor(json) {
    this.position = json.position;
    this.blocks = json.blocks;
    this.kept = json.kept;
    this.draft = json.draft === true;
    this.cell = json.cell ?? 1;
    // Of a dense step null: all cells are read by all.
    this.layers = json.layers ? json.layers.map(cells) : null;
    this.mean = this.layers && mean(this.layers);
  }

  get share() {
    return this.kept / this.blocks;
  }

  /** From 0 to ALL: how much of a block's cell a layer read. */
  value(block, layer) {
    if (block >= this.blocks) {
      return 0;
    }
    if (this.layers === null) {
      return ALL;
    }
    return this.cells(layer)[Math.floor(block / this.cell)];
  }

  /** A layer's cells, or null where all is read. */
  cells(layer) {
    return layer === EVERY_LAYER ? this.mean : this.layers && this.layers[layer];
  }

  /** How much of what a layer read is in the blocks before one, from 0 to 1. */
  readBefore(border, layer) {
    let before = 0;
    let all = 0;
    for (let from = 0; from < this.blocks; from += this.cell) {
      const to = Math.min(this.blocks, from + this.cell);
      const value = this.value(from, layer);
      all += value * (to - from);
      before += value * Math.max(0, Math.min(to, border) - from);
    }
    return all === 0 ? 0 : before / all;
  }
}

function cells(text) {
  return Uint8Array.from(text, (character) => VALUES[character.charCodeAt(0)]);
}

function mean(layers) {
  const sums = new Float32Array(layers[0].length);
  for (const layer of layers) {
    for (let i = 0; i < sums.length; i++) {
      sums[i] += layer[i] / layers.length;
    }
  }
  return sums;
}

/** A text's trace as it comes. */
export class Trace {
  about = null;
  steps = [];

  /** By index of a step: the sign that stands beside it. */
  signs = new Map();

  leftOut = 0;
  drafted = 0;
  accepted = 0;
  refused = 0;
  rectified = 0;

  #cells = 0;
  #stepAt = new Map();

  /** Takes what an event says. */
  add(resa) {
    this.about ??= resa.about;
    this.leftOut += resa.left_out ?? 0;
    for (const json of resa.steps ?? []) {
      this.#addStep(json);
    }
    for (const [, to] of resa.rectified ?? []) {
      this.rectified++;
      this.#sign(to - 1, "rectified");
    }
    for (const each of resa.verified ?? []) {
      this.drafted += each.drafted;
      this.accepted += each.accepted;
      for (let i = 0; i < each.accepted; i++) {
        this.#sign(each.position + i - 1, "accepted");
      }
      if (each.refused !== null) {
        this.refused++;
        this.#sign(each.position + each.accepted - 1, "refused");
      }
    }
  }

  #addStep(json) {
    const step = new Step(json);
    this.#cells += (step.layers?.length ?? 0) * (step.mean?.length ?? 0);
    if (this.#cells > MOST_CELLS) {
      this.leftOut++;
      return;
    }
    this.#stepAt.set(step.position, this.steps.length);
    this.steps.push(step);
  }

  #sign(position, kind) {
    const index = this.#stepAt.get(position);
    if (index !== undefined) {
      this.signs.set(index, kind);
    }
  }

  /** The index of the step that wrote, or drafted, the token at a position; undefined of none. */
  stepThatWrote(position) {
    return this.#stepAt.get(position - 1);
  }

  /** Blocks that the prompt fills. */
  get promptBlocks() {
    return Math.ceil(this.about.prompt_tokens / this.about.block_size);
  }

  get blocks() {
    return this.steps.reduce((most, step) => Math.max(most, step.blocks), 1);
  }

  /** The share of the cache that steps read, in the mean. */
  get share() {
    return this.steps.reduce((sum, step) => sum + step.share, 0) / this.steps.length;
  }
}
