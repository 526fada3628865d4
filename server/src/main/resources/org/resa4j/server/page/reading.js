// What each step read, beside the conversation: the map, the step chosen on it, and the table.

import { ReadingMap } from "./map.js";
import { EVERY_LAYER, Trace } from "./trace.js";
import { $, make, number, percent } from "./words.js";

const map = new ReadingMap($("map"), EVERY_LAYER);

/** The answer that is shown: {trace, text}. */
let shown = { trace: new Trace(), text: null };

/** The step chosen, or -1 for the newest. */
let chosen = -1;

function layer() {
  return Number($("layer").value);
}

/** Shows another answer's steps, the newest as they come. */
export function follow(trace, text) {
  shown.text?.showStep(null);
  shown = { trace, text };
  chosen = -1;
  showMap();
}

export function showMap() {
  const { trace } = shown;
  const steps = trace.steps.length;
  showLayers(trace.about?.layers ?? 0);
  $("step").disabled = steps === 0;
  $("step").max = String(Math.max(1, steps));
  if (chosen < 0) {
    $("step").value = String(Math.max(1, steps));
  }
  map.show(trace, layer(), chosen);
  if (trace.about) {
    const share = (100 * trace.promptBlocks) / trace.blocks;
    $("prompt-columns").style.width = `${Math.min(100, share)}%`;
    $("prompt-columns").textContent = `prompt, ${number.format(trace.about.prompt_tokens)} tokens`;
    $("answer-columns").hidden = false;
  } else {
    $("prompt-columns").textContent = "";
    $("answer-columns").hidden = true;
  }
  $("map").setAttribute("aria-label", summary(trace));
  showReadout();
  if ($("table-details").open) {
    showTable();
  }
}

function showLayers(count) {
  while ($("layer").options.length - 1 < count) {
    const index = $("layer").options.length - 1;
    $("layer").add(new Option(`${index + 1} of ${count}`, String(index)));
  }
}

function summary(trace) {
  if (trace.steps.length === 0) {
    return "No step yet.";
  }
  const left = trace.leftOut > 0 ? ` ${trace.leftOut} events were left out.` : "";
  return (
    `Map of ${number.format(trace.steps.length)} steps over up to ${number.format(trace.blocks)} blocks. ` +
    `In the mean a step read ${percent(trace.share)} of the blocks.${left}`
  );
}

function showReadout() {
  const { trace, text } = shown;
  const step = trace.steps.at(chosen);
  let words = "No step yet.";
  if (step) {
    const wrote = text.textAt(step.position + 1);
    const verb = step.draft ? "drafted at" : "wrote";
    const border = step.readBefore(trace.promptBlocks, layer());
    words =
      `Step ${chosen < 0 ? trace.steps.length : chosen + 1} ${verb} token ${step.position + 1}` +
      `${wrote ? ` “${wrote}”` : ""}. ` +
      `Each head read ${number.format(step.kept)} of ${number.format(step.blocks)} blocks, ` +
      `${percent(step.share)}; ${percent(border)} of it in the prompt.`;
  }
  $("readout").textContent = words;
  $("step").setAttribute("aria-valuetext", words);
}

function choose(index) {
  chosen = index;
  $("step").value = String(index + 1);
  map.show(shown.trace, layer(), chosen);
  showReadout();
  shown.text?.showStep(shown.trace.steps[index] ?? null, layer(), shown.trace.about.block_size);
}

function showTable() {
  const { trace } = shown;
  const size = Math.max(1, Math.ceil(trace.steps.length / 16));
  const rows = [];
  for (let from = 0; from < trace.steps.length; from += size) {
    const steps = trace.steps.slice(from, from + size);
    const mean = (value) => steps.reduce((sum, step) => sum + value(step), 0) / steps.length;
    const prompt = mean((step) => step.readBefore(trace.promptBlocks, layer()));
    const row = document.createElement("tr");
    make(row, "th", "", `${from + 1} to ${from + steps.length}`).scope = "row";
    make(row, "td", "", number.format(steps.at(-1).blocks));
    make(row, "td", "", percent(mean((step) => step.share)));
    make(row, "td", "", percent(prompt));
    make(row, "td", "", percent(1 - prompt));
    rows.push(row);
  }
  $("table").replaceChildren(...rows);
}

$("layer").addEventListener("change", () => {
  showMap();
  if (chosen >= 0) {
    choose(chosen);
  }
});
$("step").addEventListener("input", () => choose(Number($("step").value) - 1));
$("map").addEventListener("pointermove", (event) => {
  const index = map.stepAt(event.clientY);
  if (index >= 0 && index !== chosen) {
    choose(index);
  }
});
$("turns").addEventListener("click", (event) => {
  const index = shown.trace.stepThatWrote(shown.text?.positionOf(event.target) ?? -1);
  if (index !== undefined) {
    choose(index);
  }
});
$("table-details").addEventListener("toggle", showTable);
