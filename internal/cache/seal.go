package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/tinylib/msgp/msgp"
)

// A sealed entry is what lies in a file or in Redis:
//
//	"CTC" and the version of the format            4 bytes
//	CRC-32C of all that follows, little-endian     4 bytes
//	label: the key's parts, At and TTL             MessagePack
//	body (codec.go)                                zstd
const (
	magic   = "CTC"
	version = 1
	preface = len(magic) + 1 + crc32.Size
)

const (
	maxBody   = 64 << 20        // bytes of an entry before compression: some 400,000 resources
	maxSealed = maxBody + 1<<20 // and of a sealed one
	maxLabel  = 64 << 10        // of a label that Status reads
)

// Why a sealed entry cannot be used.
var (
	errCorrupt = errors.New("it is damaged")
	errVersion = errors.New("another version of cloudtop wrote it")
	errKey     = errors.New("it belongs to something else")
	errSize    = errors.New("it is too large")
)

// sealer turns entries into bytes and back. It is safe for concurrent use.
type sealer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newSealer() (*sealer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(maxBody), zstd.IgnoreChecksum(true))
	if err != nil {
		return nil, err
	}
	return &sealer{enc: enc, dec: dec}, nil
}

func (s *sealer) close() error {
	s.dec.Close()
	return s.enc.Close()
}

// seal fails on values that no codec knows and on entries beyond all measure.
func (s *sealer) seal(k Key, e *Entry) ([]byte, error) {
	body, err := encode(e)
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, errSize
	}
	out := make([]byte, preface, preface+512+len(body)/4)
	copy(out, magic)
	out[len(magic)] = version
	out = label{k, e.At, e.TTL}.append(out)
	out = s.enc.EncodeAll(body, out)
	binary.LittleEndian.PutUint32(out[preface-crc32.Size:], checksum(out))
	return out, nil
}

// open returns the entry that was sealed under k. It never panics, whatever the bytes.
func (s *sealer) open(k Key, sealed []byte) (*Entry, error) {
	l, compressed, err := readLabel(sealed)
	switch {
	case err != nil:
		return nil, err
	case checksum(sealed) != binary.LittleEndian.Uint32(sealed[preface-crc32.Size:]):
		return nil, errCorrupt
	case l.key != k:
		return nil, errKey
	}
	body, err := s.dec.DecodeAll(compressed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	e := &Entry{At: l.at, TTL: l.ttl}
	return e, decode(body, e)
}

// checksum is that of what follows it. Its polynomial is the one that processors know.
func checksum(sealed []byte) uint32 {
	return crc32.Checksum(sealed[preface:], crc32.MakeTable(crc32.Castagnoli))
}

// label says what a sealed entry is without its body.
type label struct {
	key Key
	at  time.Time
	ttl time.Duration
}

func (l label) append(b []byte) []byte {
	for _, part := range l.key.parts() {
		b = msgp.AppendString(b, *part)
	}
	w := encoder{out: b}
	w.time(l.at)
	w.int(int64(l.ttl))
	return w.out
}

// readLabel reads the label of a sealed entry, or of the beginning of one, unchecked; rest is what follows.
func readLabel(sealed []byte) (l label, rest []byte, err error) {
	if len(sealed) < preface || string(sealed[:len(magic)]) != magic {
		return l, nil, errCorrupt
	}
	if sealed[len(magic)] != version {
		return l, nil, errVersion
	}
	r := decoder{in: sealed[preface:]}
	for _, part := range l.key.parts() {
		*part = r.string()
	}
	l.at = r.time()
	l.ttl = time.Duration(r.int())
	return l, r.in, r.err
}
