package output

import (
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/view"
)

// rows is how many resources the benchmarks render.
const rows = 10_000

func benchmark(b *testing.B, o Options) {
	s := many(rows)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, s, o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJSON also says how many times faster it is than encoding/json with the whole document.
func BenchmarkJSON(b *testing.B) {
	s := many(rows)
	whole := Document(s, Options{})
	started := time.Now()
	const rounds = 3
	for range rounds {
		if err := json.NewEncoder(io.Discard).Encode(whole); err != nil {
			b.Fatal(err)
		}
	}
	other := time.Since(started) / rounds
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, s, Options{Format: "json"}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(other)*float64(b.N)/float64(b.Elapsed()), "x-encoding/json")
}

func BenchmarkTable(b *testing.B)       { benchmark(b, Options{Unicode: true}) }
func BenchmarkTableNarrow(b *testing.B) { benchmark(b, Options{Width: 80, Unicode: true, Color: true}) }
func BenchmarkTableWide(b *testing.B)   { benchmark(b, Options{Format: "wide", Unicode: true}) }
func BenchmarkYAML(b *testing.B)        { benchmark(b, Options{Format: "yaml"}) }
func BenchmarkNDJSON(b *testing.B)      { benchmark(b, Options{Format: "ndjson"}) }
func BenchmarkCSV(b *testing.B)         { benchmark(b, Options{Format: "csv"}) }
func BenchmarkTableTenByName(b *testing.B) {
	benchmark(b, Options{Columns: []string{"provider", "account", "name", "type", "status", "region", "cpu", "memory", "cost", "age"}})
}

func BenchmarkJQ(b *testing.B) {
	s := many(rows)
	b.ReportAllocs()
	for b.Loop() {
		if err := JQ(b.Context(), io.Discard, ".providers[].results[].resources | length", Document(s, Options{}), true); err != nil {
			b.Fatal(err)
		}
	}
}

// Memory does not grow with what is written, but by the lists of resources by account.
func TestJSONNeedsNearlyNoMemory(t *testing.T) {
	s := many(rows)
	perRun := testing.AllocsPerRun(3, func() {
		if err := Write(io.Discard, s, Options{Format: "json"}); err != nil {
			t.Fatal(err)
		}
	})
	if perRun > rows/20 {
		t.Errorf("%.0f allocations for %d resources, want at most one in twenty", perRun, rows)
	}
}

func TestTableAllocatesLittle(t *testing.T) {
	s := many(rows)
	perRun := testing.AllocsPerRun(3, func() {
		if err := Write(io.Discard, s, Options{Kind: view.Resources, Unicode: true}); err != nil {
			t.Fatal(err)
		}
	})
	if perRun > rows*16 {
		t.Errorf("%.0f allocations for %d resources, want at most sixteen each", perRun, rows)
	}
}
