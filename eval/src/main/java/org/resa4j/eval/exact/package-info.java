/** Exact mode's texts held against dense decoding's. */
package org.resa4j.eval.exact;
