// Package prospects simulates the people that a campaign writes to, from outside: it knows of the product only what they
// would, which is mail that arrives and the web pages that it leads to.
//
// It is the MX of the prospects' domains. Every address has a personality, drawn from a seed and the address, so the same
// seed gives the same people whatever is sent to them. They read, click, answer, are away, don't exist, unsubscribe and
// book, at simulated times. All that happens is written to a journal, and Judge derives from the journals what the product
// ought to report and which rules it broke. Nothing here connects beyond loopback.
package prospects
