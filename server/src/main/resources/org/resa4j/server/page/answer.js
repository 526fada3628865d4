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
  #root;

  /** {span, from, to}, ascending by position. */
  #pieces = [];

  constructor(root) {
    this.#root = root;
  }

  /**
   * A piece of text.
   *
   * @param where what it goes to, the answer or its reasoning
   * @param from position of the first token that it has come with
   * @param to behind the last
   */
  append(where, text, from, to) {
    const span = element("span", "", text);
    where.append(span);
    this.#pieces.push({ span, from, to });
  }

  /** Marks what an event says of the text. */
  mark(resa) {
    for (const [from, to] of resa.rectified ?? []) {
      this.#at(to - 1)?.span.after(
        mark("span", "rectification", "R", `Tokens ${from} to ${to - 1} were rectified here`),
      );
    }
    for (const each of resa.verified ?? []) {
      const refused = each.position + each.accepted;
      for (let position = each.position; position < refused; position++) {
        this.#at(position)?.span.classList.add("accepted");
      }
      const chosen = each.refused === null ? undefined : this.#at(refused);
      if (chosen) {
        chosen.span.classList.add("chosen");
        const draft = each.refused.trim() || each.refused;
        chosen.span.before(mark("del", "", draft, "Draft that the dense pass refused"));
      }
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

  get marked() {
    return this.#root.classList.contains("marked");
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
