package cache

import (
	"fmt"
	"testing"
	"time"
)

// openBench opens a store for a benchmark, on a place of its own.
func openBench(b *testing.B, backend string) Store {
	b.Helper()
	return newPlace(b, backend).open(b, Options{MaxSize: 1000})
}

// fourKiB is an entry that takes 4 KiB when it is sealed.
func fourKiB(b *testing.B) *Entry {
	b.Helper()
	e := manyResources(38)
	e.At = time.Now()
	sealed, err := newTestSealer(b).seal(someKey(""), e)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(sealed)), "sealed-bytes")
	return e
}

// benchmarkGet reads 100 entries in turn.
func benchmarkGet(b *testing.B, backend string) {
	s, e := openBench(b, backend), fourKiB(b)
	keys := make([]Key, 100)
	for i := range keys {
		keys[i] = someKey(fmt.Sprint(i))
		s.Put(b.Context(), keys[i], e)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, ok := s.Get(b.Context(), keys[i%len(keys)]); !ok {
			b.Fatal("a miss")
		}
	}
}

// benchmarkPut replaces 100 entries in turn.
func benchmarkPut(b *testing.B, backend string) {
	s, e := openBench(b, backend), fourKiB(b)
	keys := make([]Key, 100)
	for i := range keys {
		keys[i] = someKey(fmt.Sprint(i))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Put(b.Context(), keys[i%len(keys)], e)
	}
}

func BenchmarkMemoryGet(b *testing.B) { benchmarkGet(b, Memory) }
func BenchmarkMemoryPut(b *testing.B) { benchmarkPut(b, Memory) }
func BenchmarkFileGet(b *testing.B)   { benchmarkGet(b, File) }
func BenchmarkFilePut(b *testing.B)   { benchmarkPut(b, File) }
func BenchmarkRedisGet(b *testing.B)  { benchmarkGet(b, Redis) }
func BenchmarkRedisPut(b *testing.B)  { benchmarkPut(b, Redis) }

func benchmarkLock(b *testing.B, backend string) {
	s, k := openBench(b, backend), someKey("")
	b.ReportAllocs()
	for b.Loop() {
		s.Lock(b.Context(), k)()
	}
}

func BenchmarkMemoryLock(b *testing.B) { benchmarkLock(b, Memory) }
func BenchmarkFileLock(b *testing.B)   { benchmarkLock(b, File) }
func BenchmarkRedisLock(b *testing.B)  { benchmarkLock(b, Redis) }

func BenchmarkEncode10000(b *testing.B) {
	e := manyResources(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encode(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeal10000(b *testing.B) {
	s, e := newTestSealer(b), manyResources(10_000)
	var sealed []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if sealed, err = s.seal(someKey(""), e); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(sealed))/10_000, "bytes/resource")
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
