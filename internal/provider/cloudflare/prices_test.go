package cloudflare

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
)

// TestTariffsBeginBeyondWhatAPlanIncludes prices the allowance of each product, and one unit more. (The amounts are those
// of the products' pricing pages.)
func TestTariffsBeginBeyondWhatAPlanIncludes(t *testing.T) {
	t.Parallel()
	const gb = `1000000000`
	tests := []struct {
		service, alias, row string
		days, want          float64
	}{
		{"workers", "costWorkers", `{"sum":{"requests":10000000,"cpuTimeUs":30000000000}}`, 30, 0},
		{"workers", "costWorkers", `{"sum":{"requests":11000000}}`, 30, 0.30},
		{"workers", "costWorkers", `{"sum":{"cpuTimeUs":31000000000}}`, 30, 0.02},
		{"workers", "costWorkers", `{"sum":{"requests":21000000}}`, 60, 0.30}, // two months' allowances
		{"workers", "costWorkers", `{"sum":{"requests":11000000}}`, 1, 0.30},  // the first day of a month may use it up
		{"workers", "costWorkers", `{"sum":null}`, 30, 0},
		{"r2", "costR2", `{"dimensions":{"actionType":"PutObject","storageClass":"Standard"},"sum":{"requests":2000000}}`, 30, 4.50},
		{"r2", "costR2", `{"dimensions":{"actionType":"GetObject","storageClass":"Standard"},"sum":{"requests":11000000}}`, 30, 0.36},
		{"r2", "costR2", `{"dimensions":{"actionType":"PutObject","storageClass":"InfrequentAccess"},"sum":{"requests":1000000}}`, 30, 9},
		{"r2", "costR2", `{"dimensions":{"actionType":"HeadObject","storageClass":"InfrequentAccess"},"sum":{"requests":1000000}}`, 30, 0.90},
		{"r2", "costR2", `{"dimensions":{"actionType":"DeleteObject","storageClass":"Standard"},"sum":{"requests":900000000}}`, 30, 0},
		{"r2", "costR2", `{"dimensions":{"actionType":"AbortMultipartUpload"},"sum":{"requests":900000000}}`, 30, 0},
		{"r2", "costR2", `{"dimensions":{"actionType":"Put"},"sum":{"requests":900000000}}`, 30, 0}, // no part of another's name
		{"r2", "costR2Storage", `{"dimensions":{"date":"2026-11-01","storageClass":"Standard"},"max":{"payloadSize":11` + gb[1:] + `,"metadataSize":0}}`, 30, 0.015},
		{"r2", "costR2Storage", `{"dimensions":{"date":"2026-11-01","storageClass":"InfrequentAccess"},"max":{"payloadSize":` + gb + `}}`, 30, 0.01},
		{"d1", "costD1", `{"sum":{"rowsRead":25001000000,"rowsWritten":50000000}}`, 30, 0.001},
		{"d1", "costD1", `{"sum":{"rowsWritten":51000000}}`, 30, 1},
		{"d1", "costD1Storage", `{"dimensions":{"date":"2026-11-01"},"max":{"databaseSizeBytes":6` + gb[1:] + `}}`, 30, 0.75},
		{"d1", "costD1Storage", `{"dimensions":{"date":"2026-11-01"},"max":{"databaseSizeBytes":6` + gb[1:] + `}}`, 15, 0},
		{"kv", "costKV", `{"dimensions":{"actionType":"read"},"sum":{"requests":11000000}}`, 30, 0.50},
		{"kv", "costKV", `{"dimensions":{"actionType":"write"},"sum":{"requests":2000000}}`, 30, 5},
		{"kv", "costKV", `{"dimensions":{"actionType":"delete"},"sum":{"requests":2000000}}`, 30, 5},
		{"kv", "costKV", `{"dimensions":{"actionType":"list"},"sum":{"requests":2000000}}`, 30, 5},
		{"kv", "costKV", `{"dimensions":{"actionType":"dream"},"sum":{"requests":2000000}}`, 30, 0},
		{"kv", "costKVStorage", `{"dimensions":{"date":"2026-11-01"},"max":{"byteCount":2` + gb[1:] + `}}`, 30, 0.50},
		{"ai", "costAI", `{"dimensions":{"date":"2026-11-01"},"sum":{"totalNeurons":10000}}`, 30, 0},
		{"ai", "costAI", `{"dimensions":{"date":"2026-11-01"},"sum":{"totalNeurons":11000}}`, 30, 0.011},
	}
	prices := map[string]func(*usage) float64{}
	for _, tariff := range tariffs() {
		prices[tariff.service] = tariff.price
	}
	for _, tt := range tests {
		var r row
		if err := json.Unmarshal([]byte(tt.row), &r); err != nil {
			t.Fatal(err)
		}
		got := prices[tt.service](&usage{rows: map[string][]row{tt.alias: {r}}, days: tt.days})
		if math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: %s over %v days: got %v, want %v", tt.service, tt.row, tt.days, got, tt.want)
		}
	}
}

// TestAllowancesOfADayAreNotCarriedOver prices two days of Workers AI, one above and one below the allowance.
func TestAllowancesOfADayAreNotCarriedOver(t *testing.T) {
	t.Parallel()
	var days []row
	const text = `[{"dimensions":{"date":"2026-11-01"},"sum":{"totalNeurons":15000}},{"dimensions":{"date":"2026-11-02"},"sum":{"totalNeurons":1000}}]`
	if err := json.Unmarshal([]byte(text), &days); err != nil {
		t.Fatal(err)
	}
	for _, tariff := range tariffs() {
		if tariff.service == ai {
			if got := tariff.price(&usage{rows: map[string][]row{"costAI": days}, days: 2}); math.Abs(got-0.055) > 1e-9 {
				t.Errorf("got %v, want the price of 5,000 neurons", got)
			}
		}
	}
}

// TestStorageIsTheMeanOfItsDays has a bucket that was made in the middle of a month: days without it count as nothing
// where another bucket shows that they were measured.
func TestStorageIsTheMeanOfItsDays(t *testing.T) {
	t.Parallel()
	var rows []row
	const text = `[{"dimensions":{"bucketName":"old","date":"2026-11-01"},"max":{"payloadSize":60000000000}},
		{"dimensions":{"bucketName":"old","date":"2026-11-02"},"max":{"payloadSize":60000000000}},
		{"dimensions":{"bucketName":"new","date":"2026-11-02"},"max":{"payloadSize":20000000000}}]`
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatal(err)
	}
	u := &usage{rows: map[string][]row{"s": rows}, days: 30}
	if got := u.gbMonths("s", nil, "payloadSize"); math.Abs(got-70) > 1e-9 {
		t.Errorf("got %v GB-months, want 70", got)
	}
	if got := u.gbMonths("nothing", nil, "payloadSize"); got != 0 {
		t.Errorf("nothing stored: got %v", got)
	}
}

func TestPiecesCoverAWindowWithoutOverlap(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 10, 3, 7, 30, 0, 0, time.UTC)
	for _, most := range []time.Duration{day, 7 * day, longestSpan} {
		for _, length := range []time.Duration{time.Minute, day, 10 * day, 90 * day} {
			w := cloud.Window{From: start, To: start.Add(length)}
			at := w.From
			for i, p := range pieces(w, most) {
				if !p.From.Equal(at) || p.To.Sub(p.From) > most || !p.From.Before(p.To) || i > 0 && !p.From.Equal(p.From.Truncate(day)) {
					t.Errorf("%s by %s: piece %d is %s to %s", length, most, i+1, p.From, p.To)
				}
				at = p.To
			}
			if !at.Equal(w.To) {
				t.Errorf("%s by %s: ends at %s, want %s", length, most, at, w.To)
			}
		}
	}
	if got := pieces(cloud.Window{From: start, To: start}, day); len(got) != 0 {
		t.Errorf("nothing: got %v", got)
	}
}

func TestTheLongestSpanIsThatOfTheStrictestDataset(t *testing.T) {
	t.Parallel()
	limit := func(seconds float64) loose.Object[datasetSettings] {
		return loose.Object[datasetSettings]{Value: datasetSettings{MaxDuration: loose.Of(seconds)}}
	}
	for name, tt := range map[string]struct {
		known settings
		want  time.Duration
	}{
		"unknown":           {nil, longestSpan},
		"all long":          {settings{"kvStorageAdaptiveGroups": limit(90 * 86400)}, longestSpan},
		"one short":         {settings{"kvStorageAdaptiveGroups": limit(7 * 86400), "r2StorageAdaptiveGroups": limit(31 * 86400)}, 7 * day},
		"less than a day":   {settings{"kvStorageAdaptiveGroups": limit(3600)}, day},
		"no whole days":     {settings{"kvStorageAdaptiveGroups": limit(7.5 * 86400)}, 7 * day},
		"another's dataset": {settings{"queueBacklogAdaptiveGroups": limit(86400)}, longestSpan},
	} {
		if got := longest(accountSettings{of: tt.known}); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}
