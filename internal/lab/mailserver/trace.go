package mailserver

import (
	"bufio"
	"bytes"
	"fmt"
	"net/textproto"
	"strings"
	"time"
)

// traceHeader stores a message that came for an account, with the headers that a final delivery adds (RFC 5321, 4.4).
func (s *Instance) traceHeader(a *Account, from, to string, message []byte) error {
	now := s.options.Now()
	var b bytes.Buffer
	b.Grow(len(message) + 200)
	fmt.Fprintf(&b, "Return-Path: <%s>\r\nDelivered-To: %s\r\nReceived: by %s with ESMTP; %s\r\n", from, to, s.options.Name, now.Format(time.RFC1123Z))
	b.Write(message)
	return a.Deliver(Inbox, b.Bytes(), now)
}

// completeHeaders adds the Date and Message-ID that a submission server must see to (RFC 6409, 8).
func (s *Instance) completeHeaders(message []byte) []byte {
	h := headerValue(message)
	var missing strings.Builder
	if h.Get("Date") == "" {
		fmt.Fprintf(&missing, "Date: %s\r\n", s.options.Now().Format(time.RFC1123Z))
	}
	if h.Get("Message-Id") == "" {
		fmt.Fprintf(&missing, "Message-ID: <%s@%s>\r\n", randomName(), s.options.Name)
	}
	if missing.Len() == 0 {
		return message
	}
	return append([]byte(missing.String()), message...)
}

func headerValue(message []byte) textproto.MIMEHeader {
	h, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(message))).ReadMIMEHeader() // as far as it can be read
	return h
}

func messageID(message []byte) string {
	if message == nil {
		return ""
	}
	return strings.TrimSpace(headerValue(message).Get("Message-Id"))
}
