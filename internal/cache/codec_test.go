package cache

import (
	"reflect"
	"testing"
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

func TestEntriesSurviveExactly(t *testing.T) {
	t.Parallel()
	s := newTestSealer(t)
	want := fullEntry()
	sealed, err := s.seal(someKey(""), want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.open(someKey(""), sealed)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("an entry came back as\n%+v, want\n%+v", got, want)
	}
}

func BenchmarkSeal10000(b *testing.B) {
	s, e := newTestSealer(b), manyResources(10_000)
	var sealed []byte
	for b.Loop() {
		sealed, _ = s.seal(someKey(""), e)
	}
	body, _ := encode(e)
	b.ReportMetric(float64(len(sealed)), "sealed-bytes")
	b.ReportMetric(float64(len(body)), "body-bytes")
}

func BenchmarkEncode10000(b *testing.B) {
	e := manyResources(10_000)
	for b.Loop() {
		if _, err := encode(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen10000(b *testing.B) {
	s := newTestSealer(b)
	sealed, err := s.seal(someKey(""), manyResources(10_000))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.open(someKey(""), sealed); err != nil {
			b.Fatal(err)
		}
	}
}
