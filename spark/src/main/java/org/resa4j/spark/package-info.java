/** Texts for the rows of a dataset, and evaluation, on the executors of a Spark cluster. */
package org.resa4j.spark;
