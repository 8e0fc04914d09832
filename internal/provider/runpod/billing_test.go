package runpod_test

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	runpodsim "github.com/adsops/cloudtop/internal/provider/runpod/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

func costs(t *testing.T, h http.Handler, p cloud.Period) ([]cloud.Cost, error) {
	t.Helper()
	return provider.Gather(connect(t, h).Driver().(provider.CostReader).Costs(t.Context(), p))
}

// june is the period that is asked for below.
func june() cloud.Period {
	return cloud.Period{
		From: time.Date(2026, time.June, 1, 6, 0, 0, 0, time.FixedZone("", 2*60*60)), To: time.Date(2026, time.June, 2, 12, 0, 0, 0, time.UTC),
	}
}

func TestTheBillIsToldInAllAndByService(t *testing.T) {
	t.Parallel()
	var asked string
	got, err := costs(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query().Encode()
		site{"/v2/billing": "billing.json"}.ServeHTTP(w, r)
	}), june())
	if err != nil {
		t.Error(err)
	}
	if want := "bucketSize=day&endTime=2026-06-02T12%3A00%3A00Z&startTime=2026-06-01T04%3A00%3A00Z"; asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
	spend := func(service string, amount float64) cloud.Cost {
		return cloud.Cost{
			Account: "runpod", Service: service, Kind: cloud.CostSpend, Amount: amount, Currency: "USD",
			From: time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, time.June, 3, 0, 0, 0, 0, time.UTC),
			Source: "billing", At: now,
		}
	}
	want := []cloud.Cost{
		spend("", 42.5), spend("pods", 19), spend("serverless", 14), spend("network_volumes", 2.5), spend("clusters", 3), spend("public_endpoints", 4),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestADayThatIsNotOverIsBilledUntilNow(t *testing.T) {
	t.Parallel()
	const answer = `{"metadata":{"query":{"startTime":"2026-07-01T00:00:00Z","endTime":"2026-07-02T00:00:00Z"},"totals":{"totalAmount":3}}}`
	got, err := costs(t, site{"/v2/billing": answer}, cloud.Period{From: now.Add(-time.Hour), To: now})
	if err != nil || len(got) != 1 || !got[0].From.Equal(now.Truncate(24*time.Hour)) || !got[0].To.Equal(now) {
		t.Errorf("got %+v and %v, want the day until %v", got, err, now)
	}
}

func TestAmountsThatAreNotToldAreNotNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ totals, want string }{
		{`{"totalAmount":0,"podGpuAmount":null,"endpointAmount":0}`, "=0 public_endpoints=0"},
		{`{"podCpuAmount":"1.5","serverlessFeeAmount":2}`, "pods=1.5 serverless=2"},
		{`{}`, ""},
	} {
		got, err := costs(t, site{"/v2/billing": `{"records":[],"metadata":{"totals":` + c.totals + `}}`}, june())
		var have []string
		for _, c := range got {
			have = append(have, fmt.Sprintf("%s=%v", c.Service, c.Amount))
			if !c.From.Equal(june().From) || !c.To.Equal(june().To) {
				t.Errorf("got from %v to %v, want what was asked for where the answer does not tell", c.From, c.To)
			}
		}
		if strings.Join(have, " ") != c.want || err != nil {
			t.Errorf("%s: got %q and %v, want %s", c.totals, have, err, c.want)
		}
	}
}

func TestABillWithoutTotalsIsAnError(t *testing.T) {
	t.Parallel()
	for text, kind := range map[string]cloud.Kind{
		`{}`: cloud.KindResponse, `{"metadata":{"totals":null}}`: cloud.KindResponse, `[]`: cloud.KindResponse,
	} {
		got, err := costs(t, site{"/v2/billing": text}, june())
		if cloud.KindOf(err) != kind || len(got) != 0 || !strings.HasPrefix(err.Error(), "runpod: read billing: ") {
			t.Errorf("%s: got %v and %v, want kind %s", text, got, err, kind)
		}
	}
	if got, err := costs(t, site{}, june()); cloud.KindOf(err) != cloud.KindNotFound || len(got) != 0 {
		t.Errorf("not there: got %v and %v", got, err)
	}
	if got, err := costs(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("an empty period makes a call") }), cloud.Period{}); len(got) != 0 || err != nil {
		t.Errorf("an empty period: got %v and %v, want nothing", got, err)
	}
}

func TestThePartsOfTheSimulatedBillMakeTheWhole(t *testing.T) {
	t.Parallel()
	p := cloud.Period{From: sim.Epoch.AddDate(0, 0, -3), To: sim.Epoch}
	got, err := costs(t, runpodsim.New(sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{"runpod": 40}})), p)
	if err != nil {
		t.Fatal(err)
	}
	total, parts := 0.0, 0.0
	for _, c := range got {
		if c.Service == "" {
			total += c.Amount
		} else {
			parts += c.Amount
		}
	}
	if total <= 0 || math.Abs(total-parts) > 0.005*float64(len(got)) {
		t.Errorf("the whole is %v, its parts are %v", total, parts)
	}
}
