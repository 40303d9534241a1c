package imap

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// listedFolder is one that a server lists. Its name is as the server writes it.
type listedFolder struct {
	name       string
	delimiter  string
	attributes []string // in small letters
}

// SentFolder returns the name of the folder for sent messages, or "" when there is none: the one that the server marks
// (RFC 6154), else one with a usual name.
func (c *Client) SentFolder(ctx context.Context) (name string, err error) {
	err = c.withConn(ctx, func(at *conn) error {
		folders, err := at.listFolders()
		if found := chooseFolders(folders, `\sent`, sentNames()); len(found) > 0 {
			name = found[0]
		}
		return err
	})
	return name, err
}

// Folder is one of a mailbox.
type Folder struct {
	Name  string // as the server writes it
	Shown string // as people read it
	Use   string // sent, drafts, trash, junk, all, archive, flagged (RFC 6154); junk and sent also by a usual name; empty = none
}

// Folders returns all folders that can be read, in the server's order.
func (c *Client) Folders(ctx context.Context) (out []Folder, err error) {
	err = c.withConn(ctx, func(at *conn) error {
		folders, err := at.listFolders()
		out = usesOf(folders)
		return err
	})
	return out, err
}

// usesOf says what folders are for.
func usesOf(folders []listedFolder) (out []Folder) {
	junk, sent := chooseFolders(folders, `\junk`, junkNames()), chooseFolders(folders, `\sent`, sentNames())
	for _, f := range folders {
		is := Folder{Name: f.name, Shown: decodeFolderName(f.name), Use: f.use()}
		switch {
		case slices.Contains(junk, f.name):
			is.Use = "junk"
		case slices.Contains(sent[:min(len(sent), 1)], f.name):
			is.Use = "sent"
		}
		out = append(out, is)
	}
	return out
}

// listFolders asks for special uses where the server knows them; many tell them unasked.
func (c *conn) listFolders() (folders []listedFolder, err error) {
	args := []any{`""`, `"*"`}
	if c.caps["SPECIAL-USE"] && c.caps["LIST-EXTENDED"] {
		args = append(args, "RETURN (SPECIAL-USE)")
	}
	err = c.run(func(r response) {
		if r.kind != "LIST" || len(r.values) < 3 || len(folders) == maxFolders {
			return
		}
		f := listedFolder{name: r.values[2].text, delimiter: r.values[1].text}
		if r.values[1].isNil {
			f.delimiter = ""
		}
		for _, a := range r.values[0].list {
			f.attributes = append(f.attributes, strings.ToLower(a.text))
		}
		if !slices.Contains(f.attributes, `\noselect`) && !slices.Contains(f.attributes, `\nonexistent`) {
			folders = append(folders, f)
		}
	}, "LIST", args...)
	if err != nil {
		return nil, fmt.Errorf("list folders: %w", err)
	}
	return folders, nil
}

// chooseFolders returns those that are marked for a use, else those with a usual name, the most usual first. What is marked for another use
// is none of them, whatever its name.
func chooseFolders(folders []listedFolder, use string, usual []string) (names []string) {
	for _, f := range folders {
		if slices.Contains(f.attributes, use) && !strings.EqualFold(f.name, Inbox) {
			names = append(names, f.name)
		}
	}
	if names != nil {
		return names
	}
	for _, name := range usual {
		for _, f := range folders {
			if strings.EqualFold(f.lastName(), name) && !f.hasUse() && !strings.EqualFold(f.name, Inbox) {
				names = append(names, f.name)
			}
		}
	}
	return names
}

// hasUse says whether it is marked for a use (RFC 6154).
func (f listedFolder) hasUse() bool { return f.use() != "" }

// use is what it is marked for.
func (f listedFolder) use() string {
	for _, use := range []string{"all", "archive", "drafts", "flagged", "junk", "sent", "trash"} {
		if slices.Contains(f.attributes, `\`+use) {
			return use
		}
	}
	return ""
}

// lastName is the name that people see: behind the last delimiter, decoded.
func (f listedFolder) lastName() string {
	name := f.name
	if f.delimiter != "" {
		name = name[strings.LastIndex(name, f.delimiter)+len(f.delimiter):]
	}
	return decodeFolderName(name)
}

// decodeFolderName reads modified UTF-7 (RFC 3501, 5.1.3); what isn't stays as it is.
func decodeFolderName(name string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(name, "&")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		coded, after, closed := strings.Cut(rest, "-")
		if !closed {
			return out.String() + "&" + rest
		}
		name = after
		if coded == "" {
			out.WriteByte('&')
			continue
		}
		b, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(coded, ",", "/"))
		if err != nil || len(b)%2 != 0 {
			out.WriteString("&" + coded + "-")
			continue
		}
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		}
		out.WriteString(string(utf16.Decode(units)))
	}
}

func sentNames() []string {
	return []string{"sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete elemente", "gesendete objekte",
		"envoyés", "messages envoyés", "éléments envoyés", "enviados", "elementos enviados"}
}

// junkNames are those that servers and mail programs give where nothing is marked.
func junkNames() []string {
	return []string{"junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk", "bulk mail", "spambox", "probably spam",
		"spamverdacht", "junk-e-mail", "unerwünscht", "unerwünschte werbung", "courrier indésirable", "indésirables", "pourriel",
		"correo no deseado", "correo basura", "no deseado", "lixo eletrônico", "lixo eletrónico", "posta indesiderata", "indesiderata",
		"ongewenste e-mail", "ongewenst", "reclame", "skräppost", "uønsket e-post", "søppelpost", "uønsket post", "uønsket mail", "roskaposti",
		"nevyžádaná pošta", "nevyžiadaná pošta", "wiadomości-śmieci", "niechciane", "levélszemét", "спам", "нежелательная почта", "небажана пошта",
		"önemsiz", "önemsiz e-posta", "迷惑メール", "垃圾邮件", "垃圾郵件", "정크 메일", "스팸메일함"}
}
