package runpod_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	runpodsim "github.com/adsops/cloudtop/internal/provider/runpod/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// market answers both clouds with one catalogue and remembers how it was asked.
type market struct {
	site
	mu    sync.Mutex
	asked []string
}

func (m *market) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.asked = append(m.asked, r.URL.Query().Encode())
	m.mu.Unlock()
	m.site.ServeHTTP(w, r)
}

func offers(t *testing.T, h http.Handler, q cloud.OfferQuery) ([]cloud.Offer, error) {
	t.Helper()
	return provider.Gather(connect(t, h).Driver().(provider.GPUMarket).Offers(t.Context(), q))
}

// line writes an offer's fields.
func line(o *cloud.Offer) string {
	price := "?"
	if o.PricePerHour != nil {
		price = fmt.Sprint(*o.PricePerHour)
	}
	return fmt.Sprintf("%s %v x %s %vGB %s %s/%v $%s", o.ID, o.GPUCount, o.GPUType, o.GPUMemoryGB, o.Region, o.Stock, o.Available, price)
}

func TestTheCatalogueBecomesOffers(t *testing.T) {
	t.Parallel()
	got, err := offers(t, &market{site: site{"/v2/catalog/gpus": "gpus.json"}}, cloud.OfferQuery{})
	var have []string
	for i := range got {
		o := &got[i]
		have = append(have, line(o))
		if o.Provider != "runpod" || o.Account != "runpod" || o.Currency != "USD" || !o.QuotedAt.Equal(now) || o.Interruptible ||
			!strings.Contains(o.ID, "/"+o.Tier) {
			t.Errorf("got %+v", o)
		}
	}
	want := []string{
		"NVIDIA GeForce RTX 4090/community/US-KS-2 1 x RTX 4090 24GB US-KS-2 high/true $0.25",
		"NVIDIA GeForce RTX 4090/community/EU-RO-1 1 x RTX 4090 24GB EU-RO-1 none/false $0.25",
		"NVIDIA GeForce RTX 4090/secure/US-KS-2 1 x RTX 4090 24GB US-KS-2 high/true $0.5",
		"NVIDIA GeForce RTX 4090/secure/EU-RO-1 1 x RTX 4090 24GB EU-RO-1 none/false $0.5",
		"odd/secure 1 x odd 0GB  /false $1",
		"NVIDIA H100 80GB HBM3/secure 1 x H100 SXM 80GB  none/false $3",
		// What is not told is unknown: a card without names, clouds, counts and prices, and with a new level of stock.
		"AMD Instinct MI300X OAM/secure 1 x Instinct MI300X OAM 192GB  plenty/false $?",
		"AMD Instinct MI300X OAM/community 1 x Instinct MI300X OAM 192GB  plenty/false $?",
		"odd/community 1 x odd 0GB  /false $?",
	}
	if !slices.Equal(have, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
	const partial = "runpod: read GPU catalogue (secure): not all of the answer can be read: [3]: memory; 1 incomplete"
	if cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), partial) {
		t.Errorf("got %v, want %s", err, partial)
	}
	attrs := cloud.Resource{Attrs: got[2].Attrs}
	for name, want := range map[string]any{
		"gpu_id": "NVIDIA GeForce RTX 4090", "manufacturer": "NVIDIA", "gpu_count_max": int64(8), "serverless_pool": "ADA_24",
		"serverless_price_per_gpu_hour": 1.1, "cuda_versions": "[12.8]",
	} {
		if have := attrs.Attr(name); have != want && fmt.Sprint(have) != want {
			t.Errorf("%s: got %v, want %v", name, have, want)
		}
	}
}

func TestOffersAreNarrowed(t *testing.T) {
	t.Parallel()
	no, yes := false, true
	for _, c := range []struct {
		what  string
		query cloud.OfferQuery
		want  int
		asked string // of the call for secure machines
	}{
		{"by a part of the name", cloud.OfferQuery{GPUType: "4090"}, 4, ""},
		{"by the vendor's name", cloud.OfferQuery{GPUType: "geforce rtx"}, 4, ""},
		{"by a name as other tools write it", cloud.OfferQuery{GPUType: "RTX_4090"}, 4, ""},
		{"by count, beyond the largest community machine", cloud.OfferQuery{GPUType: "4090", GPUCount: 5}, 2, "cloud=SECURE&count=5&include=AVAILABILITY&product=POD"},
		{"by count, beyond all", cloud.OfferQuery{GPUType: "4090", GPUCount: 9}, 0, ""},
		{"by memory", cloud.OfferQuery{GPUMemoryGB: 80}, 3, ""},
		{"by price, which must be known", cloud.OfferQuery{MaxPrice: 0.4}, 2, ""},
		{"by price of the whole offer", cloud.OfferQuery{MaxPrice: 1, GPUCount: 2}, 4, ""},
		{"by region", cloud.OfferQuery{Region: "eu-ro"}, 2, ""},
		{"by the region's name", cloud.OfferQuery{Region: "kansas"}, 2, ""},
		{"by number", cloud.OfferQuery{Limit: 3}, 3, ""},
		{"on demand only", cloud.OfferQuery{Interruptible: &no, GPUType: "4090"}, 4, ""},
		{"interruptible, which v2 has not", cloud.OfferQuery{Interruptible: &yes}, 0, "-"},
		{"by country", cloud.OfferQuery{Native: "countryCodes=fr,DE"}, 9, "cloud=SECURE&countryCodes=FR%2CDE&include=AVAILABILITY&product=POD"},
		{"by CUDA", cloud.OfferQuery{Native: "cudaVersions=12.8"}, 9, "cloud=SECURE&cudaVersions=12.8&include=AVAILABILITY&product=POD"},
		{"by least CUDA and count", cloud.OfferQuery{Native: "minCudaVersion=12 count=5"}, 7, "cloud=SECURE&count=5&include=AVAILABILITY&minCudaVersion=12&product=POD"},
		{"by the larger of two counts", cloud.OfferQuery{Native: "count=2", GPUCount: 5, GPUType: "4090"}, 2, "cloud=SECURE&count=5&include=AVAILABILITY&product=POD"},
	} {
		m := &market{site: site{"/v2/catalog/gpus": "gpus.json"}}
		got, _ := offers(t, m, c.query)
		if len(got) != c.want {
			t.Errorf("%s: got %d offers, want %d", c.what, len(got), c.want)
		}
		count := max(float64(c.query.GPUCount), 1)
		for _, o := range got {
			if c.query.Native == "" && (o.GPUCount != count || o.PricePerHour != nil && *o.PricePerHour < 0.25*count) {
				t.Errorf("%s: got %s, want the price of %v cards", c.what, line(&o), count)
			}
		}
		slices.Sort(m.asked)
		switch {
		case c.asked == "-" && len(m.asked) > 0, c.asked != "-" && len(m.asked) != 2:
			t.Errorf("%s: asked %q", c.what, m.asked)
		case c.asked != "" && c.asked != "-" && m.asked[1] != c.asked:
			t.Errorf("%s: asked %q, want %q", c.what, m.asked[1], c.asked)
		}
	}
}

func TestWrongFiltersOfOffersMakeNoCall(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"country=FR", "countryCodes", "countryCodes=", "count=4 nonsense=1", "count=0", "count=x", "product=POD", "cloud=SECURE", "=", "="} {
		m := &market{}
		_, err := offers(t, m, cloud.OfferQuery{Native: wrong})
		if cloud.KindOf(err) != cloud.KindConfig || !strings.Contains(err.Error(), "expected") || len(m.asked) > 0 {
			t.Errorf("%q: got %v after %d calls, want an error of kind config and no call", wrong, err, len(m.asked))
		}
	}
}

func TestOneCloudThatFailsLeavesTheOther(t *testing.T) {
	t.Parallel()
	got, err := offers(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("cloud") == "SECURE" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		site{"/v2/catalog/gpus": "gpus.json"}.ServeHTTP(w, r)
	}), cloud.OfferQuery{GPUType: "4090"})
	if len(got) != 2 || cloud.KindOf(err) != cloud.KindDenied || !strings.Contains(err.Error(), "(secure)") {
		t.Errorf("got %d offers and %v, want the two of the community and why the others are missing", len(got), err)
	}
}

func TestOffersTellStockByDataCenter(t *testing.T) {
	t.Parallel()
	all, err := offers(t, runpodsim.New(sim.NewWorld(sim.Options{Seed: 1})), cloud.OfferQuery{GPUType: "rtx 4090", GPUCount: 2})
	if err != nil {
		t.Fatal(err)
	}
	tiers, places := map[string]int{}, map[string]bool{}
	for _, o := range all {
		tiers[o.Tier]++
		places[o.Region] = true
		if o.GPUCount != 2 || o.PricePerHour == nil || o.GPUMemoryGB != 24 || o.Available != (o.Stock != "none") {
			t.Errorf("got %+v", o)
		}
	}
	if tiers["secure"] != 5 || tiers["community"] != 1 || !places["EU-RO-1"] {
		t.Errorf("got tiers %v in places %v", tiers, places)
	}
	french, err := offers(t, runpodsim.New(sim.NewWorld(sim.Options{Seed: 1})), cloud.OfferQuery{Native: "countryCodes=FR"})
	elsewhere := slices.ContainsFunc(french, func(o cloud.Offer) bool { return o.Region != "EU-FR-1" && o.Tier == "secure" })
	if err != nil || len(french) == 0 || elsewhere {
		t.Errorf("got %d offers and %v, elsewhere: %v", len(french), err, elsewhere)
	}
}
