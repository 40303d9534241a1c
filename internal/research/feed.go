package research

import (
	"net/url"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
)

// mostItems are read of a feed.
const mostItems = 20

func looksLikeFeed(text string) bool {
	head := strings.ToLower(text[:min(len(text), 1000)])
	return strings.Contains(head, "<rss") || strings.Contains(head, "<feed") || strings.Contains(head, "<rdf:rdf")
}

// readFeed reads the headlines of a feed (RSS, Atom), each with its day before it. nil: it is none.
func readFeed(text string, at *url.URL) *Document {
	feed, err := gofeed.NewParser().ParseString(text)
	if err != nil {
		return nil
	}
	d := &Document{Title: CleanLine(feed.Title)}
	var lines []string
	for i, item := range feed.Items {
		if i == mostItems {
			break
		}
		when := item.PublishedParsed
		if when == nil {
			when = item.UpdatedParsed
		}
		title := CleanLine(item.Title)
		if when == nil || title == "" {
			continue
		}
		lines = append(lines, when.UTC().Format(time.DateOnly)+": "+title)
		if when.After(d.Date) {
			d.Date = *when
		}
		if u, err := at.Parse(item.Link); err == nil {
			d.Links = append(d.Links, Link{u.String(), title})
		}
	}
	d.Text = strings.Join(lines, "\n")
	return d
}
