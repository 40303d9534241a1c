package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"outrider/internal/picture"
)

// striped is red on the left, green in the middle and blue on the right.
func striped(width, height int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		c := color.RGBA{R: 255, A: 255}
		if x >= width/4 {
			c = color.RGBA{G: 255, A: 255}
		}
		if x >= 3*width/4 {
			c = color.RGBA{B: 255, A: 255}
		}
		for y := range height {
			m.Set(x, y, c)
		}
	}
	return m
}

func encoded(t *testing.T, as func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := as(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOfAPictureItsMiddleIsKeptAndNothingElse(t *testing.T) {
	t.Parallel()
	m := striped(400, 200)
	whole := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, nil) })
	comment := append([]byte{0xff, 0xfe, 0, 26}, "taken at 52.5 N, 13.4 E."...) // a segment after the first marker, as cameras write them
	for name, file := range map[string][]byte{
		"png":                         encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) }),
		"gif":                         encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) }),
		"jpeg":                        whole,
		"jpeg that says where it was": append(append(append([]byte{}, whole[:2]...), comment...), whole[2:]...),
		"jpeg with a page behind it":  append(append([]byte{}, whole...), "<script>alert(1)</script>"...),
	} {
		out, err := picture.Encode(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if bytes.Contains(out, []byte("13.4 E")) || bytes.Contains(out, []byte("script")) || len(out) > 100_000 {
			t.Errorf("%s: %d bytes, with what was in the file", name, len(out))
		}
		got, err := jpeg.Decode(bytes.NewReader(out))
		if err != nil || got.Bounds() != image.Rect(0, 0, picture.Side, picture.Side) {
			t.Errorf("%s: %v, %v", name, got.Bounds(), err)
			continue
		}
		for _, x := range []int{4, picture.Side / 2, picture.Side - 5} { // the outer quarters are cut off
			if r, g, b, _ := got.At(x, 100).RGBA(); g>>8 < 230 || r>>8 > 40 || b>>8 > 40 {
				t.Errorf("%s: at %d it is %d %d %d", name, x, r>>8, g>>8, b>>8)
			}
		}
	}
}

func TestWhatCantBeShownIsRefused(t *testing.T) {
	t.Parallel()
	small := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, striped(8, 8)) })
	for name, c := range map[string]struct {
		file []byte
		why  string
	}{
		"a page":       {[]byte("<html><script>alert(1)</script>"), "is no PNG"},
		"a drawing":    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "is no PNG"},
		"nothing":      {nil, "is no PNG"},
		"half a file":  {small[:len(small)-20], "is damaged"},
		"a huge one":   {claiming(small, 1_000_000, 1), "1000000 x 1"},
		"a large area": {claiming(small, 8000, 8000), "8000 x 8000"},
	} {
		var refused *picture.RefusedError
		if out, err := picture.Encode(c.file); !errors.As(err, &refused) || !strings.Contains(refused.Why, c.why) {
			t.Errorf("%s: %d bytes, %v; want refused with %q", name, len(out), err, c.why)
		}
		if is, err := picture.MediaType(c.file); c.why != "is damaged" && (!errors.As(err, &refused) || !strings.Contains(refused.Why, c.why)) {
			t.Errorf("%s: taken for %q, %v; want refused with %q", name, is, err, c.why)
		}
	}
}

// claiming is a PNG whose header says another size: a small file that takes gigabytes to decode.
func claiming(small []byte, width, height uint32) []byte {
	b := bytes.Clone(small)
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}
