// What an answer costs, as it comes.

import { number, percent } from "./words.js";

export class Clock {
  #asked = performance.now();
  #first = null;
  #last = null;
  tokens = 0;

  /** Some tokens have come. */
  count(tokens) {
    if (tokens > 0) {
      this.#last = performance.now();
      this.#first ??= this.#last;
      this.tokens += tokens;
    }
  }

  text(trace) {
    if (this.#first === null) {
      return "";
    }
    const parts = [`${number.format(this.tokens)} tokens`];
    const seconds = (this.#last - this.#first) / 1000;
    if (this.tokens > 1 && seconds > 0) {
      parts.push(`${((this.tokens - 1) / seconds).toFixed(1)} tokens/s`);
    }
    parts.push(`first after ${((this.#first - this.#asked) / 1000).toFixed(2)} s`);
    if (trace.steps.length > 0) {
      parts.push(`${percent(trace.share)} of the cache read`);
    }
    if (trace.rectified > 0) {
      parts.push(`rectified ${number.format(trace.rectified)} times`);
    }
    if (trace.drafted > 0) {
      parts.push(
        `${number.format(trace.accepted)} drafts accepted, ${number.format(trace.refused)} refused`,
      );
    }
    return parts.join(" · ");
  }
}
