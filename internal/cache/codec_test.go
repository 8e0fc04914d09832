package cache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/klauspost/compress/zstd"
	"github.com/tinylib/msgp/msgp"

	"github.com/adsops/cloudtop/internal/cloud"
)

func newTestSealer(tb testing.TB) *sealer {
	tb.Helper()
	s, err := newSealer()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.close() })
	return s
}

// through seals and opens an entry.
func through(t *testing.T, e *Entry) *Entry {
	t.Helper()
	s := newTestSealer(t)
	sealed, err := s.seal(someKey(""), e)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.open(someKey(""), sealed)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestEntriesSurviveExactly(t *testing.T) {
	t.Parallel()
	many := manyResources(300)
	for name, want := range map[string]*Entry{
		"nothing": {}, "everything": fullEntry(), "many resources": many,
		"no time": {Resources: fullEntry().Resources, Costs: fullEntry().Costs},
		"empty lists": {
			At: noon(), Scopes: []cloud.Scope{}, Resources: []*cloud.Resource{}, Samples: map[string][]cloud.Metric{},
			Quotes: map[string]*cloud.Price{}, Offers: []cloud.Offer{}, Markets: []cloud.Market{}, Costs: []cloud.Cost{},
		},
		"long texts": {At: noon(), Gaps: strings.Repeat("é", 1<<17), Scopes: []cloud.Scope{{Account: strings.Repeat("x", 1<<17)}}},
		"no UTF-8":   {At: noon(), Gaps: "\xff\x00", Scopes: []cloud.Scope{{Account: "\xfe"}}},
		"times":      {At: time.Unix(1<<40, 999999999).UTC(), Costs: []cloud.Cost{{From: time.Unix(-1<<40, 1).UTC(), To: noon()}}},
		"bounds":     {At: noon(), TTL: math.MinInt64, Took: math.MaxInt64, Calls: math.MinInt},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := through(t, want); !reflect.DeepEqual(got, want) {
				t.Errorf("an entry came back as\n%+v, want\n%+v", got, want)
			}
		})
	}
}

// TestEveryFieldIsKept fills every field that the types have by reflection: one that is added to them and not to the
// codec is found here.
func TestEveryFieldIsKept(t *testing.T) {
	t.Parallel()
	want := new(Entry)
	new(filler).fill(t, reflect.ValueOf(want).Elem())
	if got := through(t, want); !reflect.DeepEqual(got, want) {
		t.Errorf("an entry came back as\n%+v, want\n%+v", got, want)
	}
}

// filler gives every field a value of its own.
type filler struct{ last int64 }

func (f *filler) next() int64 {
	f.last++
	return f.last
}

func (f *filler) fill(t *testing.T, v reflect.Value) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(noon().Add(time.Duration(f.next()) * time.Second)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			f.fill(t, field)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(t, v.Index(0))
		f.fill(t, v.Index(1))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(t, key)
		f.fill(t, value)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(fmt.Sprint("text ", f.next()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(f.next())
	case reflect.Float64, reflect.Float32:
		v.SetFloat(float64(f.next()))
	case reflect.Interface:
		v.Set(reflect.ValueOf(fmt.Sprint("any ", f.next())))
	default:
		t.Fatalf("%v is of a kind that this test does not know", v.Type())
	}
}

func TestFloatsSurviveBitByBit(t *testing.T) {
	t.Parallel()
	values := []float64{
		math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), math.SmallestNonzeroFloat64, math.MaxFloat64,
		math.MaxFloat32, 0.1, 1 << 53, math.Float64frombits(0x7ff8000000000123),
	}
	e := &Entry{At: noon()}
	for _, v := range values {
		e.Resources = append(e.Resources, &cloud.Resource{
			Metrics: []cloud.Metric{{Value: v}}, Attrs: []cloud.Attr{{Value: v}}, GPU: &cloud.GPU{Count: v},
		})
	}
	for i, r := range through(t, e).Resources {
		for _, got := range []float64{r.Metrics[0].Value, r.Attrs[0].Value.(float64), r.GPU.Count} {
			if math.Float64bits(got) != math.Float64bits(values[i]) {
				t.Errorf("%v (%#x) came back as %v (%#x)", values[i], math.Float64bits(values[i]), got, math.Float64bits(got))
			}
		}
	}
}

func TestTimesBecomeUTC(t *testing.T) {
	t.Parallel()
	local := time.Date(2026, 7, 1, 12, 0, 0, 7, time.FixedZone("", 2*60*60))
	got := through(t, &Entry{At: local, Costs: []cloud.Cost{{At: local}, {At: time.Now()}}})
	for _, back := range []time.Time{got.At, got.Costs[0].At} {
		if !back.Equal(local) || back.Location() != time.UTC {
			t.Errorf("%v came back as %v, want the same instant in UTC", local, back)
		}
	}
}

func TestEqualEntriesAreEqualBytes(t *testing.T) {
	t.Parallel()
	s := newTestSealer(t)
	want, err := s.seal(someKey(""), fullEntry())
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if got, err := s.seal(someKey(""), fullEntry()); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("the same entry is sealed as %x, %v, want %x", got, err, want)
		}
	}
}

func TestWhatCannotBeEncodedIsAnError(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]*Entry{
		"a nil resource":   {Resources: []*cloud.Resource{nil}},
		"a nil quote":      {Quotes: map[string]*cloud.Price{"i": nil}},
		"a uint":           {Resources: []*cloud.Resource{{Attrs: []cloud.Attr{{Name: "n", Value: uint(1)}}}}},
		"an offer's slice": {Offers: []cloud.Offer{{Attrs: []cloud.Attr{{Name: "n", Value: []int{1}}}}}},
		"too much":         {Gaps: strings.Repeat("x", maxBody+1)},
	} {
		if b, err := newTestSealer(t).seal(someKey(""), e); err == nil {
			t.Errorf("%s is sealed as %d bytes, want an error", name, len(b))
		}
	}
}

func TestRepeatedWordsShareTheirMemory(t *testing.T) {
	t.Parallel()
	got := through(t, manyResources(50)).Resources
	for i := range got[2:] {
		a, b := got[i], got[i+2]
		for _, pair := range [][2]string{
			{a.Account, b.Account}, {a.Region, b.Region}, {a.Metrics[1].Name, b.Metrics[1].Name}, {a.Tags[0].Value, b.Tags[0].Value},
			{a.Attrs[0].Value.(string), b.Attrs[0].Value.(string)},
		} {
			if unsafe.StringData(pair[0]) != unsafe.StringData(pair[1]) {
				t.Fatalf("%q is in memory twice", pair[0])
			}
		}
	}
}

func TestListsHaveNoRoomInEachOther(t *testing.T) {
	t.Parallel()
	got := through(t, manyResources(30)).Resources
	for _, r := range got {
		_ = append(r.Metrics, cloud.Metric{Name: "another"})
	}
	for i, r := range got {
		if name := r.Metrics[0].Name; name != cloud.CPUUsagePercent {
			t.Errorf("appending to another resource's metrics changed those of resource %d to %q", i, name)
		}
	}
}

// sealedBody is a sealed entry with any body, and a checksum that is right.
func sealedBody(t testing.TB, body []byte) []byte {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	sealed := append([]byte(magic), version, 0, 0, 0, 0)
	sealed = label{someKey(""), noon(), time.Minute}.append(sealed)
	return signed(enc.EncodeAll(body, sealed))
}

// signed corrects the checksum of a sealed entry.
func signed(sealed []byte) []byte {
	if len(sealed) >= preface {
		binary.LittleEndian.PutUint32(sealed[preface-crc32.Size:], checksum(sealed))
	}
	return sealed
}

// fields is a body of the given fields, with one word and no text.
func fields(of ...[]byte) []byte {
	body := msgp.AppendBytes(nil, bytes.Join(of, nil))
	body = msgp.AppendString(msgp.AppendString(body, ""), "word")
	return append(msgp.AppendArrayHeader(body, 1), 4)
}

func TestHostileBodiesCostLittle(t *testing.T) { // not parallel: it measures what is allocated
	s := newTestSealer(t)
	start := []byte{0, 0, 0} // Calls, Took, Gaps
	huge := []byte{0xdd, 0xff, 0xff, 0xff, 0xff}
	long := bytes.Repeat([]byte{0xc0}, 1000)
	for name, body := range map[string][]byte{
		"nothing":             {},
		"no MessagePack":      []byte("\xc1"),
		"a map":               {0x80},
		"too many words":      append(msgp.AppendString(msgp.AppendString(msgp.AppendBytes(nil, nil), ""), ""), huge...),
		"too many scopes":     fields(start, huge, long),
		"too many resources":  fields(start, []byte{0xc0}, huge, long),
		"a few too many":      fields(start, []byte{0xc0}, []byte{0xdc, 0x03, 0xe8}, long),
		"too many samples":    fields(start, []byte{0xc0, 0xc0}, huge, long),
		"no such word":        fields(start, []byte{0x91, 1}),
		"no such text":        fields([]byte{0, 0, 1}),
		"a negative word":     fields(start, []byte{0x91, 0xff}),
		"a second of 2^30 ns": fields(start, []byte{0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0x91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xca, 0, 0, 0, 0, 0, 0xce, 0x40, 0, 0, 0, 0xc0, 0xc0}),
		"something more":      append(fields(start, bytes.Repeat([]byte{0xc0}, 7)), 0),
		"more fields":         fields(start, bytes.Repeat([]byte{0xc0}, 8)),
		"fewer fields":        fields(start, bytes.Repeat([]byte{0xc0}, 6)),
	} {
		sealed := sealedBody(t, body)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		e, err := s.open(someKey(""), sealed)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, errCorrupt) {
			t.Errorf("%s: open = %+v, %v, want it damaged", name, e, err)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 1<<20 {
			t.Errorf("%s: %d bytes took %d bytes of memory", name, len(sealed), spent)
		}
	}
	if e, err := s.open(someKey(""), sealedBody(t, fields(start, bytes.Repeat([]byte{0xc0}, 7)))); err != nil {
		t.Errorf("a sound body of nils: %+v, %v", e, err)
	}
}

func TestBombsAreNotUnpacked(t *testing.T) {
	t.Parallel()
	sealed := sealedBody(t, make([]byte, maxBody+1))
	if e, err := newTestSealer(t).open(someKey(""), sealed); !errors.Is(err, errCorrupt) {
		t.Errorf("%d bytes that unpack to %d: %+v, %v, want them refused", len(sealed), maxBody+1, e, err)
	}
}

func FuzzOpen(f *testing.F) {
	s := newTestSealer(f)
	for _, e := range []*Entry{{}, fullEntry(), manyResources(3)} {
		sealed, err := s.seal(someKey(""), e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sealed)
		f.Add(sealed[:len(sealed)/2])
	}
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if e, err := s.open(someKey(""), signed(sealed)); err == nil && e == nil {
			t.Error("open returns neither an entry nor an error")
		}
		_, _, _ = readLabel(sealed)
	})
}

// FuzzDecode feeds the decoder with bodies as they come out of zstd. What it takes for an entry must be one: encoded
// again it decodes to the same.
func FuzzDecode(f *testing.F) {
	for _, e := range []*Entry{{At: noon()}, fullEntry(), manyResources(3)} {
		body, err := encode(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e := &Entry{At: noon()}
		if decode(body, e) != nil {
			return
		}
		again, err := encode(e)
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		e2 := &Entry{At: noon()}
		if err := decode(again, e2); err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v", err)
		}
		if third, err := encode(e2); err != nil || !bytes.Equal(third, again) {
			t.Errorf("an entry changes: %x, then %x, %v", again, third, err)
		}
	})
}
