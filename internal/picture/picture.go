// Package picture makes of what people upload a small picture that is safe to show: ours from the first byte to the last. It tells pictures from other files.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // decoders of what people have
	"image/jpeg"
	_ "image/png" // likewise
	"slices"

	scale "golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // likewise
)

const (
	// Side is how wide and high each picture becomes.
	Side = 256

	quality   = 85
	maxSide   = 8192     // of what is uploaded
	maxPixels = 16 << 20 // likewise: decoded they are at most 64 MB
)

// RefusedError says why something is no picture that we take.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string { return e.Why }

// Encode decodes a PNG, JPEG, GIF (its first frame) or WebP, cuts its middle square out, and encodes that anew as a JPEG: of what was uploaded
// nothing but colours is left, neither where a photo was taken nor what else lies in the file. *RefusedError when it is none of these, or too large to be decoded.
func Encode(file []byte) ([]byte, error) {
	if _, err := MediaType(file); err != nil { // before anything is made of its size
		return nil, err
	}
	whole, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, &RefusedError{"is damaged"}
	}
	out := image.NewRGBA(image.Rect(0, 0, Side, Side))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src) // under what lets light through
	scale.CatmullRom.Scale(out, out.Bounds(), whole, middleSquare(whole.Bounds()), draw.Over, nil)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode picture: %w", err)
	}
	return b.Bytes(), nil
}

// MediaType returns what a file is by its bytes alone, whatever it is called: a PNG, JPEG, GIF or WebP of a size that can be decoded, else a *RefusedError.
// An SVG is refused: it is a document, which can hold scripts, load files, and show what others would take for our words.
func MediaType(file []byte) (string, error) {
	about, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil || !slices.Contains([]string{"png", "jpeg", "gif", "webp"}, format) {
		return "", &RefusedError{"is no PNG, JPEG, GIF or WebP"}
	}
	if about.Width < 1 || about.Height < 1 || about.Width > maxSide || about.Height > maxSide || about.Width*about.Height > maxPixels {
		return "", &RefusedError{fmt.Sprintf("has %d x %d pixels; at most %d a side and %d in all are read", about.Width, about.Height, maxSide, maxPixels)}
	}
	return "image/" + format, nil
}

func middleSquare(of image.Rectangle) image.Rectangle {
	side := min(of.Dx(), of.Dy())
	at := of.Min.Add(image.Pt((of.Dx()-side)/2, (of.Dy()-side)/2))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}
}
