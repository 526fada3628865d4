/**
 * JSON that a schema describes, as texts that are written character by character. {@link
 * org.resa4j.grammar.schema.JsonSchema} is a schema, compiled to nodes with numbers; a text is the
 * list of its readings, each a stack of frames that name their nodes.
 */
package org.resa4j.grammar.schema;
