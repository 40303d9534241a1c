// Package research reads the web sites of companies and finds facts on them. A site is read as a guest: by its robots.txt (RFC 9309), one page
// after the other, within bounds of bytes and time, and never beyond the company's own domain. What nobody sees on a page is not read, and a
// fact is only what stands in the page as it is kept, word for word.
package research
