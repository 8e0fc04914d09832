package cache

import (
	"encoding/binary"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/adsops/cloudtop/internal/cloud"
)

// encoder writes the values that codec.go is made of. The first error stays.
type encoder struct {
	out    []byte
	text   []byte            // unique strings, one after the other
	words  []byte            // repeated strings, one after the other in the order of their first use
	sizes  []int             // their lengths
	table  map[string]uint32 // their places
	recent [256]numberedWord // the table's last answers: hashing a word takes longer than comparing it
	epoch  int64             // Unix seconds from which times are counted, to be small numbers
	last   time.Time         // the last time written
	err    error
}

type numberedWord struct {
	word   string
	number uint32
	known  bool
}

// bin32 is the header of a MessagePack binary with four bytes of length.
const bin32 = 0xc6

// newEncoder returns an encoder with room for so many bytes of fields and text.
func newEncoder(epoch time.Time, fields, text int) *encoder {
	return &encoder{
		out: make([]byte, 5, 5+fields+text), text: make([]byte, 0, text), table: map[string]uint32{}, epoch: epoch.Unix(),
	}
}

// body returns all that was written.
func (w *encoder) body() ([]byte, error) {
	fields := len(w.out) - 5
	if w.err == nil && (fields > maxBody || len(w.text)+len(w.words) > maxBody) {
		w.err = errSize
	}
	if w.err != nil {
		return nil, w.err
	}
	w.out[0] = bin32
	binary.BigEndian.PutUint32(w.out[1:], uint32(fields))
	w.out = msgp.AppendStringFromBytes(w.out, w.text)
	w.out = msgp.AppendStringFromBytes(w.out, w.words)
	w.out = msgp.AppendArrayHeader(w.out, uint32(len(w.sizes)))
	for _, n := range w.sizes {
		w.out = msgp.AppendInt(w.out, n)
	}
	return w.out, nil
}

func (w *encoder) int(v int64) { w.out = msgp.AppendInt64(w.out, v) }

func (w *encoder) bool(v bool) { w.out = msgp.AppendBool(w.out, v) }

// float writes every bit that matters, in 5 bytes where a float32 holds the number.
func (w *encoder) float(v float64) { w.out = msgp.AppendFloat(w.out, v) }

func (w *encoder) floats(vs ...float64) {
	for _, v := range vs {
		w.float(v)
	}
}

func (w *encoder) optional(vs ...*float64) {
	for _, v := range vs {
		if v == nil {
			w.out = msgp.AppendNil(w.out)
			continue
		}
		w.float(*v)
	}
}

// time writes an instant to the nanosecond; its location is lost. What was measured together has one time: it is
// written once, then as true.
func (w *encoder) time(t time.Time) {
	if t.IsZero() {
		w.out = msgp.AppendNil(w.out)
		return
	}
	if t.Equal(w.last) {
		w.bool(true)
		return
	}
	w.last = t
	w.int(t.Unix() - w.epoch)
	w.out = msgp.AppendUint64(w.out, uint64(t.Nanosecond()))
}

// word writes a string that is likely to come again.
func (w *encoder) word(s string) {
	slot := uint8(len(s))
	if len(s) > 0 {
		slot ^= s[len(s)-1]<<3 ^ s[0]
	}
	recent := &w.recent[slot]
	if !recent.known || recent.word != s {
		*recent = numberedWord{word: s, number: w.number(s), known: true}
	}
	w.out = msgp.AppendUint64(w.out, uint64(recent.number))
}

// number returns the place of a word in the table.
func (w *encoder) number(s string) uint32 {
	i, known := w.table[s]
	if !known {
		i = uint32(len(w.sizes))
		w.table[s] = i
		w.words = append(w.words, s...)
		w.sizes = append(w.sizes, len(s))
	}
	return i
}

func (w *encoder) words4(a, b, c, d string) {
	w.word(a)
	w.word(b)
	w.word(c)
	w.word(d)
}

// unique writes a string that will not come again.
func (w *encoder) unique(s string) {
	w.text = append(w.text, s...)
	w.out = msgp.AppendUint64(w.out, uint64(len(s)))
}

// len writes the length of a list or map, so that a nil one stays nil.
func (w *encoder) len(n int, isNil bool) {
	if isNil {
		w.out = msgp.AppendNil(w.out)
		return
	}
	w.out = msgp.AppendArrayHeader(w.out, uint32(n))
}

// decoder reads what encoder wrote, and survives what it did not. After the first error everything is zero.
type decoder struct {
	in    []byte
	text  string
	table []string
	boxes []any // the table's words as interfaces, as far as they were asked for
	epoch int64
	last  time.Time
	err   error

	tags     arena[cloud.Tag]
	attrs    arena[cloud.Attr]
	readings arena[cloud.Metric]
	prices   arena[cloud.Price]
	gpus     arena[cloud.GPU]
	numbers  arena[float64]
}

// newDecoder returns a decoder at the fields of a body.
func newDecoder(epoch time.Time, body []byte) *decoder {
	r := &decoder{in: body, epoch: epoch.Unix()}
	fields := take(r, msgp.ReadBytesZC)
	text := r.string()
	r.text = r.string() // that of the words, for now
	r.table = make([]string, r.len(1))
	for i := range r.table {
		r.table[i] = r.unique()
	}
	if err := r.end(); err == nil {
		r.in, r.text, r.boxes = fields, text, make([]any, len(r.table))
	}
	return r
}

// end returns the first error; not to be at the end is one.
func (r *decoder) end() error {
	if len(r.in) > 0 {
		r.fail(errCorrupt)
	}
	return r.err
}

// fail keeps the first error and ends all reading.
func (r *decoder) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.in = nil
}

// take reads one value. What msgp says of it is of no use to anybody: the entry is damaged.
func take[T any](r *decoder, read func([]byte) (T, []byte, error)) (v T) {
	got, rest, err := read(r.in)
	if err != nil {
		r.fail(errCorrupt)
		return v
	}
	r.in = rest
	return got
}

func (r *decoder) int() int64 { return take(r, msgp.ReadInt64Bytes) }

// uint is fast for numbers below 128, which stand for themselves: most numbers of words are.
func (r *decoder) uint() uint64 {
	if len(r.in) > 0 && r.in[0] < 0x80 {
		v := r.in[0]
		r.in = r.in[1:]
		return uint64(v)
	}
	return take(r, msgp.ReadUint64Bytes)
}

func (r *decoder) bool() bool { return take(r, msgp.ReadBoolBytes) }

func (r *decoder) float() float64 { return take(r, msgp.ReadFloat64Bytes) }

func (r *decoder) floats(vs ...*float64) {
	for _, v := range vs {
		*v = r.float()
	}
}

func (r *decoder) optional(vs ...**float64) {
	for _, v := range vs {
		if r.null() {
			continue
		}
		*v = &r.numbers.take(1)[0]
		**v = r.float()
	}
}

// string reads a string that stands for itself.
func (r *decoder) string() string { return take(r, msgp.ReadStringBytes) }

func (r *decoder) time() time.Time {
	if r.null() {
		return time.Time{}
	}
	if msgp.NextType(r.in) == msgp.BoolType {
		_ = r.bool()
		return r.last
	}
	sec, nsec := r.int(), r.uint()
	if nsec >= uint64(time.Second) {
		r.fail(errCorrupt)
	}
	if r.err != nil {
		return time.Time{}
	}
	r.last = time.Unix(r.epoch+sec, int64(nsec)).UTC()
	return r.last
}

func (r *decoder) word() string {
	i := r.uint()
	if i >= uint64(len(r.table)) {
		r.fail(errCorrupt)
		return ""
	}
	return r.table[i]
}

// box is word as an interface: one allocation per word, not per use.
func (r *decoder) box() any {
	i := r.uint()
	if i >= uint64(len(r.table)) {
		r.fail(errCorrupt)
		return nil
	}
	if r.boxes[i] == nil {
		r.boxes[i] = r.table[i]
	}
	return r.boxes[i]
}

func (r *decoder) words4(a, b, c, d *string) {
	*a, *b, *c, *d = r.word(), r.word(), r.word(), r.word()
}

func (r *decoder) unique() string {
	n := r.uint()
	if n > uint64(len(r.text)) {
		r.fail(errCorrupt)
		return ""
	}
	s := r.text[:n]
	r.text = r.text[n:]
	return s
}

// null reads a nil, if one comes next.
func (r *decoder) null() bool {
	if !msgp.IsNil(r.in) {
		return false
	}
	r.in = r.in[1:]
	return true
}

// len reads the length of a list whose items take at least size bytes each: what is claimed must be there, so that
// no claim costs more memory than the entry is worth.
func (r *decoder) len(size int) int {
	n := take(r, msgp.ReadArrayHeaderBytes)
	if int64(n)*int64(size) > int64(len(r.in)) {
		r.fail(errCorrupt)
		return 0
	}
	return int(n)
}

func (r *decoder) lenOrNil(size int) (n int, isNil bool) {
	if r.null() {
		return 0, true
	}
	n = r.len(size)
	return n, r.err != nil
}

// arena hands out parts of large blocks: ten thousand lists of five metrics are a few dozen allocations.
type arena[T any] struct {
	free  []T
	block int // size of the last block
}

// maxBlock bounds what a block may waste.
const maxBlock = 1024

// take returns n zero values of their own, never nil.
func (a *arena[T]) take(n int) []T {
	if n == 0 {
		return []T{}
	}
	if n > len(a.free) {
		a.block = max(n, min(2*a.block, maxBlock))
		a.free = make([]T, a.block)
	}
	taken := a.free[:n:n]
	a.free = a.free[n:]
	return taken
}
