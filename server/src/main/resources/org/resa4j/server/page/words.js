// Numbers and elements, as all parts of the page make them.

export const number = new Intl.NumberFormat("en");

export const percent = (share) => `${(100 * share).toFixed(1)}%`;

export const $ = (id) => document.getElementById(id);

/** An element with some text, at the end of another. */
export function make(parent, name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  parent.append(made);
  return made;
}
