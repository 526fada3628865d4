package org.resa4j.tokenizer.jinja;

/** What {@code set} can change from within a loop. */
final class Namespace {
  final Dict attributes;

  Namespace(Dict attributes) {
    this.attributes = attributes;
  }
}
