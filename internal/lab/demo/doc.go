// Package demo is what the demonstration knows besides the product: sample leads, its own count of a file, senders with their
// DNS, the world around the server (clock, mail server, prospects), what the promises allow, and the comparison of what
// happened with what the product says. It never looks at how the product decides.
package demo
