package csvfile

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// saidDelimiter reads the line "sep=;" that Excel takes at the beginning of a file, and returns how many bytes it is long.
func saidDelimiter(start []byte) (delimiter rune, size int) {
	end := bytes.IndexByte(start, '\n') + 1
	if end == 0 {
		end = len(start)
	}
	line := strings.Trim(strings.TrimRight(string(start[:end]), "\n"), `"`)
	if len(line) < 5 || !strings.EqualFold(line[:4], "sep=") {
		return 0, 0
	}
	d, n := utf8.DecodeRuneInString(line[4:])
	if strings.Trim(line[4+n:], string(d)+`"; `) != "" || d == '"' || d == utf8.RuneError {
		return 0, 0
	}
	return d, end
}

// guessDelimiter takes what splits most of the first lines into the same number of columns, and into many: quoted text
// doesn't count, and notes above the list don't matter.
func guessDelimiter(sample string) rune {
	best, highest := ',', 0
	for _, d := range []rune{',', ';', '\t', '|'} {
		if score := rateDelimiter(sample, d); score > highest {
			best, highest = d, score
		}
	}
	return best
}

func rateDelimiter(sample string, d rune) (score int) {
	lines := map[int]int{} // by how many delimiters they have
	n, quoted, read := 0, false, 0
	begins := true // of a value: only there a quote opens
	for i, r := range sample {
		switch {
		case r == '"' && (quoted || begins):
			quoted = !quoted
		case r == d && !quoted:
			n++
		}
		if end := i+1 == len(sample); r == '\n' && !quoted || end {
			lines[n]++
			n, read = 0, read+1
		}
		begins = r == d || r == '\n' || r == ' ' && begins
		if read == sampleRows {
			break
		}
	}
	for n, times := range lines {
		score = max(score, n*times)
	}
	return score
}
