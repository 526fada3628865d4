/** What may be asked: requests as records that say what is wrong with them. */
package org.resa4j.server.request;
