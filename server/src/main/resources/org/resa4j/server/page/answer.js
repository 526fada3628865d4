// An answer's text in the page: a span for each piece, found by its tokens' positions, with marks.

/** Text goes into the page as text alone; marks are hidden from who hears the page. */
function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function mark(name, className, text, title) {
  const made = element(name, className, text);
  made.setAttribute("aria-hidden", "true");
  made.title = title;
  return made;
}

export class AnswerText {
  /** {span, from, to}, ascending by position. */
  #pieces = [];

  /** By position: what marks the piece of its token once that is there. */
  #marks = new Map();

  /**
   * A piece of text.
   *
   * @param where what it goes to, the answer or its reasoning
   * @param from position of the first token that it has come with
   * @param to behind the last
   */
  append(where, text, from, to) {
    // White space before a word gets none of its marks.
    const space = text.trim() === "" ? "" : text.slice(0, text.length - text.trimStart().length);
    const span = element("span", "", text.slice(space.length));
    where.append(space, span);
    this.#pieces.push({ span, from, to });
    for (let position = from; position < to; position++) {
      this.#apply(position);
    }
  }

  /** Marks what an event says of the text; it may be of tokens that come with the next. */
  mark(resa) {
    for (const [from, to] of resa.rectified ?? []) {
      const title = `Tokens ${from} to ${to - 1} were rectified here`;
      // Joined, so that no line begins with it.
      this.#mark(to - 1, (span) => span.after(mark("span", "rectification", "\u2060R", title)));
    }
    for (const each of resa.verified ?? []) {
      const next = each.position + each.accepted;
      for (let position = each.position; position < next; position++) {
        this.#mark(position, (span) => span.classList.add("accepted"));
      }
      if (each.refused !== null) {
        const draft = each.refused.trim() || each.refused;
        this.#mark(next, (span) => {
          span.classList.add("chosen");
          span.before(mark("del", "", draft, "Draft that the dense pass refused"));
        });
      }
    }
  }

  #mark(position, change) {
    this.#marks.set(position, [...(this.#marks.get(position) ?? []), change]);
    this.#apply(position);
  }

  #apply(position) {
    const piece = this.#at(position);
    if (piece && this.#marks.has(position)) {
      this.#marks.get(position).forEach((change) => change(piece.span));
      this.#marks.delete(position);
    }
  }

  /** Shows what a step wrote, and what of the text it read; null for nothing. */
  showStep(step, layer, blockSize) {
    for (const { span, from } of this.#pieces) {
      const value = step === null ? 0 : step.value(Math.floor(from / blockSize), layer);
      span.classList.toggle("read", value > 0 && from <= step.position);
      span.classList.toggle("written", false);
    }
    if (step !== null) {
      this.#at(step.position + 1)?.span.classList.add("written");
    }
  }

  /** The text of the piece with a token, where there is one. */
  textAt(position) {
    return this.#at(position)?.span.textContent.trim() ?? "";
  }

  /** The position of the first token of a piece, or -1 for what is none. */
  positionOf(span) {
    return this.#pieces.find((piece) => piece.span === span)?.from ?? -1;
  }

  #at(position) {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const piece = this.#pieces[middle];
      if (position < piece.from) {
        high = middle - 1;
      } else if (position >= piece.to) {
        low = middle + 1;
      } else {
        return piece;
      }
    }
    return undefined;
  }
}
