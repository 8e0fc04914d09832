package vastai

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// published is the example of search_offers.yaml, with two more: null cores, and what cannot be rented.
const published = `{"offers":[
	{"id":12345678,"cpu_cores":64,"cpu_cores_effective":32,"cpu_ram":65536,"disk_space":2048.5,"dph_base":0.123456,
	 "dph_total":0.234567,"min_bid":0.111111,"duration":1234567.89,"end_date":1893456000,"external":null,
	 "geolocation":"Atlantis, AT","gpu_frac":0.75,"gpu_name":"Imaginary RTX 9999","gpu_ram":24576,"gpu_total_ram":49152,
	 "has_avx":1,"host_id":55555,"hosting_type":0,"is_bid":false,"machine_id":88888,"num_gpus":4,"os_version":"42.42",
	 "reliability":0.9999,"reliability2":0.9998,"rentable":true,"rented":false,"score":1234.5678,"storage_cost":0.987654,
	 "storage_total_cost":0.123456,"verification":"verified","compute_cap":900,"vms_enabled":false,"cluster_id":null},
	{"id":2,"cpu_cores":null,"cpu_cores_effective":8,"cpu_ram":65536,"gpu_frac":0.25,"gpu_name":"L4","num_gpus":1,
	 "geolocation":"Austin, US","reliability":0.9,"dph_total":0.2},
	{"id":3,"gpu_name":"RTX 4090","num_gpus":2,"rentable":false,"geolocation":"Australia, AU","dph_total":null}]}`

func offersOf(t *testing.T, c *console, q cloud.OfferQuery) ([]cloud.Offer, error) {
	t.Helper()
	return provider.Gather(connect(t, c).Driver().(provider.GPUMarket).Offers(t.Context(), q))
}

func TestPublishedOffersAreMapped(t *testing.T) {
	t.Parallel()
	onlyBids := true
	c := &console{answers: map[string]string{offersPath: published}}
	all, err := offersOf(t, c, cloud.OfferQuery{Interruptible: &onlyBids})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/offers.golden.json", all)
	const want = `{"allocated_storage":5,"external":{"eq":false},"limit":3000,"order":[["dph_total","asc"],["id","asc"]],"rentable":{"eq":true},"rented":{"eq":false},"type":"bid","verified":{"eq":true}}`
	if len(c.sent) != 1 || c.sent[0] != want {
		t.Errorf("sent %v\nwant [%s]", c.sent, want)
	}
}

func TestOffersOfBothKindsComeCheapestFirst(t *testing.T) {
	t.Parallel()
	c := &console{answers: map[string]string{offersPath: published}}
	all, err := offersOf(t, c, cloud.OfferQuery{})
	var got []string
	for _, o := range all {
		got = append(got, o.ID+" "+o.Tier)
	}
	want := []string{
		"2 on-demand", "2 interruptible", "12345678 on-demand", "12345678 interruptible", "3 on-demand", "3 interruptible",
	}
	if err != nil || !slices.Equal(got, want) || len(c.calls) != 2 {
		t.Errorf("got %q and %v in %d calls, want %q in 2", got, err, len(c.calls), want)
	}
}

func TestOffersAreNarrowedByNames(t *testing.T) {
	t.Parallel()
	onDemandOnly := false
	for _, c := range []struct {
		what  string
		query cloud.OfferQuery
		want  string
		limit string
	}{
		{"part of a card's name", cloud.OfferQuery{GPUType: "rtx"}, "12345678,3", "3000"},
		{"as the command line writes it", cloud.OfferQuery{GPUType: "RTX_4090"}, "3", "3000"},
		{"part of a region's name", cloud.OfferQuery{Region: "austr"}, "3", "3000"},
		{"a country is left to the API", cloud.OfferQuery{Region: "us"}, "2,12345678,3", "3000"},
		{"limit", cloud.OfferQuery{Limit: 2}, "2,12345678", "2"},
		{"limit after narrowing", cloud.OfferQuery{Limit: 1, GPUType: "RTX"}, "12345678", "3000"},
		{"limit with a country", cloud.OfferQuery{Limit: 7, Region: "US"}, "2,12345678,3", "7"},
	} {
		c.query.Interruptible = &onDemandOnly
		fake := &console{answers: map[string]string{offersPath: published}}
		all, err := offersOf(t, fake, c.query)
		var ids []string
		for _, o := range all {
			ids = append(ids, o.ID)
		}
		if got := strings.Join(ids, ","); err != nil || got != c.want {
			t.Errorf("%s: got %s and %v, want %s", c.what, got, err, c.want)
		}
		if !strings.Contains(fake.sent[0], `"limit":`+c.limit+",") {
			t.Errorf("%s: sent %s, want limit %s", c.what, fake.sent[0], c.limit)
		}
	}
}

func TestABadQueryIsNotSent(t *testing.T) {
	t.Parallel()
	c := &console{}
	if _, err := offersOf(t, c, cloud.OfferQuery{Native: "colour=red"}); cloud.KindOf(err) != cloud.KindConfig || len(c.calls) != 0 {
		t.Errorf("got %v after calls %v, want an error of kind config and no call", err, c.calls)
	}
}

func TestOffersBeyondWhatIsAskedForAreSaidToBeMissing(t *testing.T) {
	t.Parallel()
	onDemandOnly := false
	var many strings.Builder
	for i := range mostOffers {
		fmt.Fprintf(&many, `{"id":%d,"gpu_name":"L4","dph_total":1},`, i+1)
	}
	c := &console{answers: map[string]string{offersPath: `{"offers":[` + strings.TrimSuffix(many.String(), ",") + `]}`}}
	all, err := offersOf(t, c, cloud.OfferQuery{Interruptible: &onDemandOnly})
	if len(all) != mostOffers || cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %d offers and %v, want %d and a partial error", len(all), err, mostOffers)
	}
	all, err = offersOf(t, c, cloud.OfferQuery{Interruptible: &onDemandOnly, Limit: mostOffers})
	if len(all) != mostOffers || err != nil {
		t.Errorf("got %d offers and %v, want the %d that were asked for", len(all), err, mostOffers)
	}
}

func TestASearchThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]cloud.Kind{
		`404 {"error":"auth_error","msg":"Invalid user key"}`:                       cloud.KindAuth,
		`400 {"error":"invalid_request","msg":"Invalid json body"}`:                 cloud.KindRequest,
		`429 API requests too frequent`:                                             cloud.KindThrottled,
		`429 {"success":false,"error":"search_quota_exceeded","msg":"daily quota"}`: cloud.KindThrottled,
		`{}`:                         cloud.KindResponse,
		`{"offers":{"id":12345678}}`: cloud.KindResponse,
	} {
		_, err := offersOf(t, &console{answers: map[string]string{offersPath: text}}, cloud.OfferQuery{})
		e, _ := errors.AsType[*cloud.Error](err)
		if cloud.KindOf(err) != want || !strings.HasPrefix(e.Op, "vastai: ") {
			t.Errorf("%s: got %v of kind %s, want kind %s", text, err, cloud.KindOf(err), want)
		}
	}
}
