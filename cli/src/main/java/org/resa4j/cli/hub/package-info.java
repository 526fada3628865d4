/** Fetches models from a hub that speaks Hugging Face's protocol. */
package org.resa4j.cli.hub;
