/**
 * The block cache: pages of an engine's KV cache, handed out to sequences, shared between those
 * that begin alike, and kept in files.
 */
package org.resa4j.cache;
