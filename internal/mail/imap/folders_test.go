package imap

import (
	"slices"
	"testing"
)

func TestJunkIsWhatIsMarkedElseWhatIsCalledSo(t *testing.T) {
	t.Parallel()
	named := func(names ...string) (out []listedFolder) {
		for _, n := range names {
			out = append(out, listedFolder{name: n, delimiter: "/"})
		}
		return out
	}
	for name, x := range map[string]struct {
		folders []listedFolder
		want    []string
	}{
		"marked, whatever its name":      {append(named("Spam"), listedFolder{name: "Werbung", attributes: []string{`\junk`}}), []string{"Werbung"}},
		"by its name":                    {named("INBOX", "Sent", "Trash", "Drafts", "[Gmail]/Spam", "Junk E-mail"), []string{"[Gmail]/Spam", "Junk E-mail"}},
		"in another language":            {named("Courrier ind&AOk-sirable", "&V4NXPpCuTvY-"), []string{"Courrier ind&AOk-sirable", "&V4NXPpCuTvY-"}},
		"below INBOX":                    {[]listedFolder{{name: "INBOX.Junk", delimiter: "."}}, []string{"INBOX.Junk"}},
		"marked for something else":      {[]listedFolder{{name: "Junk", attributes: []string{`\trash`}}, {name: "Spam", attributes: []string{`\archive`}}}, nil},
		"INBOX is none, even if marked":  {[]listedFolder{{name: "INBOX", attributes: []string{`\junk`}}}, nil},
		"the name of a folder inside it": {named("Junk/Old", "Not Junk", "Junkyard"), nil},
	} {
		if got := chooseFolders(x.folders, `\junk`, junkNames()); !slices.Equal(got, x.want) {
			t.Errorf("%s: got %q, want %q", name, got, x.want)
		}
	}
}

func TestNamesOfFoldersAreDecoded(t *testing.T) {
	t.Parallel()
	for coded, want := range map[string]string{"Sent": "Sent", "R&-D": "R&D", "Gel&APY-scht": "Gelöscht", "&2D3eAA-": "😀", "a&b": "a&b", "&!!-x": "&!!-x", "&AA-": "&AA-", "": ""} {
		if got := decodeFolderName(coded); got != want {
			t.Errorf("%q: got %q, want %q", coded, got, want)
		}
	}
}
