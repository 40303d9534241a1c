// Package websites makes up the web sites of made-up companies, and knows what is true of them: well-behaved sites, and such with rules for
// programs, contradictions, old pages, hidden instructions, wrong character sets, and servers that fail, stall or send too much. The same seed
// makes the same sites. It is served on this machine only, and knows nothing of the program that reads it.
package websites
