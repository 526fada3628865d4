/**
 * What sparse decoding loses, and why: teacher-forced losses, drift of the cache, recall of the
 * selection.
 */
package org.resa4j.eval.drift;
