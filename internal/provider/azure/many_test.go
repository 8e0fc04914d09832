package azure_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// herd are many machines of one subscription and region, and Azure Monitor's two answers about them.
type herd struct {
	n       int
	lacks   []int // that the answer at subscription scope does not have
	refuses int   // the status of that call; 0 = 200
}

func (h *herd) id(i int) string { return fmt.Sprintf("%s-%04d", someVM, i) }

func (h *herd) refs() (all []cloud.Ref) {
	for i := range h.n {
		all = append(all, cloud.Ref{Provider: "azure", Account: someSubscription, Region: "westeurope", Service: "vms", ID: h.id(i)})
	}
	return all
}

func (h *herd) whole(*http.Request) (int, string) {
	if h.refuses != 0 {
		return h.refuses, `{"error":{"code":"BadRequest","message":"no"}}`
	}
	var series []string
	for i := range h.n {
		if !slices.Contains(h.lacks, i) {
			series = append(series, fmt.Sprintf(`{"metadatavalues":[{"name":{"value":"Microsoft.ResourceId"},"value":%q}],"data":[{"timeStamp":"2026-11-01T11:58:00Z","average":%d}]}`, strings.ToLower(h.id(i)), i))
		}
	}
	return http.StatusOK, `{"interval":"PT1M","value":[{"name":{"value":"Percentage CPU"},"timeseries":[` + strings.Join(series, ",") + `]}]}`
}

func (h *herd) batch(r *http.Request) (int, string) {
	var sent struct {
		IDs []string `json:"resourceids"`
	}
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		return http.StatusBadRequest, ""
	}
	var values []string
	for _, id := range sent.IDs {
		var i int
		_, _ = fmt.Sscanf(id[len(id)-4:], "%d", &i)
		values = append(values, fmt.Sprintf(`{"interval":"PT1M","resourceid":%q,"value":[{"name":{"value":"Percentage CPU"},"timeseries":[{"data":[{"timeStamp":"2026-11-01T11:58:00Z","average":%d}]}]}]}`, id, i))
	}
	return http.StatusOK, `{"values":[` + strings.Join(values, ",") + `]}`
}

func TestManyMachinesOfOnePlaceAreReadInOneCall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name            string
		herd            herd
		whole, batches  int // calls of a first reading
		again, batches2 int // and of a second one
	}{
		{"few: by batches", herd{n: 150}, 0, 3, 0, 3},
		{"many: at once", herd{n: 151}, 1, 0, 1, 0},
		{"a thousand", herd{n: 1000}, 1, 0, 1, 0},
		{"one of them is not in the answer: its batch", herd{n: 200, lacks: []int{70}}, 1, 1, 1, 1},
		{"two of different batches", herd{n: 200, lacks: []int{0, 199}}, 1, 2, 1, 2},
		{"the call is refused: never again", herd{n: 200, refuses: 400}, 1, 4, 0, 4},
		{"the call is forbidden: never again", herd{n: 200, refuses: 403}, 1, 4, 0, 4},
		{"the call is not offered: never again", herd{n: 200, refuses: 501}, 1, 4, 0, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := &tt.herd
			conn, asked := connect(t, map[string]func(*http.Request) (int, string){wholePath: h.whole, batchPath: h.batch})
			for round, want := range [][2]int{{tt.whole, tt.batches}, {tt.whole + tt.again, tt.batches + tt.batches2}} {
				samples, err := provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), h.refs(), window()))
				seen := map[string]float64{}
				for _, s := range samples {
					seen[s.ID] = s.Metric.Value
				}
				if err != nil || len(samples) != h.n || len(seen) != h.n {
					t.Fatalf("round %d: got %d samples of %d machines, %v; want one each of %d", round+1, len(samples), len(seen), err, h.n)
				}
				for i := range h.n {
					if seen[h.id(i)] != float64(i) {
						t.Errorf("machine %d has %v", i, seen[h.id(i)])
					}
				}
				if got := [2]int{asked.count(wholePath), asked.count(batchPath)}; got != want {
					t.Errorf("round %d: got %v calls at subscription scope and by batch so far, want %v", round+1, got, want)
				}
			}
		})
	}
}
