package inbound

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is a part of an answer, by its place in it.
type sentence struct {
	start, end int
	n          int // words before it
	question   bool
}

var (
	sentenceEnd = regexp.MustCompile(`[.!?…]+["')\]]*(?:\s|$)|[。！？]+|\n\s*\n`)
	lineEnd     = regexp.MustCompile(`\n`)
)

// shortLine is how long a line is that wasn't wrapped by a program.
const shortLine = 45

// sentencesOf splits a text where a sentence or a short line ends. A program that wraps lines splits none.
func sentencesOf(text string) (out []sentence) {
	ends := sentenceEnd.FindAllStringIndex(text, -1)
	for _, nl := range lineEnd.FindAllStringIndex(text, -1) {
		line := text[strings.LastIndexByte(text[:nl[0]], '\n')+1 : nl[0]]
		next, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[nl[1]:], " \t"))
		if utf8.RuneCountInString(line) < shortLine && !unicode.IsLower(next) {
			ends = append(ends, nl)
		}
	}
	at := map[int]bool{}
	for _, e := range ends {
		at[e[1]] = true
	}
	start, words := 0, 0
	for i := 1; i <= len(text); i++ {
		if !at[i] && i < len(text) {
			continue
		}
		part := text[start:i]
		if n := len(wordsIn(part)); n > 0 {
			out = append(out, sentence{start, i, words, strings.ContainsAny(strings.TrimRight(part, " \n\t"), "?？")})
			words += n
			start = i
		}
	}
	return out
}
