/**
 * What is behind {@link org.resa4j.tokenizer.Tokenizer}: the components of a Hugging Face {@code
 * tokenizer.json}, under the names that it has for them. A text goes through added tokens,
 * normalizer, pre-tokenizer, model and post-processor; tokens come back through the decoder.
 *
 * <p>Results are those of the tokenizers library, version 0.21, which the file format belongs to.
 * Whatever would give others is refused. A file is not trusted: sizes, numbers, nesting and the
 * work of patterns are bounded.
 */
package org.resa4j.tokenizer.pipeline;
