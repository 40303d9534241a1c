package kafka

import (
	"bytes"

	"github.com/twmb/franz-go/pkg/kgo"
)

// compressFrom is where a batch is worth compressing, in bytes: those of a chunk of an import or of a busy partition, whose headers
// repeat. A batch of a few records costs latency and gains little.
const compressFrom = 16 << 10

// CompressLarge compresses large batches with Snappy, which costs the least of all codecs; small ones go as they are.
func CompressLarge() kgo.ProducerOpt {
	snappy, err := kgo.DefaultCompressor(kgo.SnappyCompression())
	if err != nil {
		panic(err) // only of a codec that isn't known
	}
	return kgo.WithCompressor(largeOnly{snappy})
}

type largeOnly struct{ kgo.Compressor }

// Compress is kgo.Compressor's.
func (c largeOnly) Compress(dst *bytes.Buffer, src []byte, flags ...kgo.CompressFlag) ([]byte, kgo.CompressionCodecType) {
	if len(src) < compressFrom {
		return src, kgo.CodecNone
	}
	return c.Compressor.Compress(dst, src, flags...)
}
