package azure_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/providertest"
)

func TestPricesCountTheRightEntry(t *testing.T) {
	t.Parallel()
	machine := func(os, priority, license, state string) cloud.Resource {
		return cloud.Resource{
			ID: "x", Service: "vms", Region: "westeurope", NativeStatus: state, Attrs: []cloud.Attr{
				{Name: "vm_size", Value: "Standard_D4s_v5"}, {Name: "os", Value: os}, {Name: "priority", Value: priority},
				{Name: "license", Value: license},
			},
		}
	}
	set := cloud.Resource{ID: "x", Service: "scale_sets", Region: "westeurope", Attrs: []cloud.Attr{
		{Name: "vm_size", Value: "Standard_D4s_v5"}, {Name: "instances", Value: 3.0},
	}}
	empty := set
	empty.Attrs = []cloud.Attr{set.Attrs[0], {Name: "instances", Value: 0.0}}
	tests := []struct {
		name string
		r    cloud.Resource
		want float64 // 0 = no quote
	}{
		{"the primary meter's newest price", machine("Linux", "", "", "running"), 0.23},
		{"Windows", machine("Windows", "Regular", "", "running"), 0.41},
		{"Windows with an own licence", machine("Windows", "", "Windows_Server", "running"), 0.23},
		{"Spot", machine("Linux", "Spot", "", "running"), 0.04},
		{"Spot with Windows is not in the list", machine("Windows", "Spot", "", "running"), 0},
		{"stopped is paid for", machine("Linux", "", "", "stopped"), 0.23},
		{"deallocated is not, but its disks are: no quote", machine("Linux", "", "", "deallocated"), 0},
		{"three machines of a set", set, 0.69},
		{"an empty set", empty, 0},
		{"a database", cloud.Resource{ID: "x", Service: "sql", Region: "westeurope"}, 0},
	}
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){"/api/retail/prices": file(t, "prices.json")})
	for _, tt := range tests {
		quotes, err := provider.Gather(conn.Driver().(provider.Pricer).Prices(t.Context(), []*cloud.Resource{&tt.r}))
		got := 0.0
		for _, q := range quotes {
			got = q.Price.Low
		}
		if err != nil || !near(got, tt.want) {
			t.Errorf("%s: got %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
	if len(asked.asked) != 1 {
		t.Errorf("%d calls were made, want one without sign-in: %q", len(asked.asked), asked.asked)
	}
}

func TestPricesAreAskedOneByOneWhereTheListRefusesMore(t *testing.T) {
	t.Parallel()
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){"/api/retail/prices": func(r *http.Request) (int, string) {
		if strings.Contains(r.URL.Query().Get("$filter"), " or ") {
			return http.StatusBadRequest, `{"Error":{"Code":"BadRequest","Message":"Invalid OData parameters supplied"}}`
		}
		return http.StatusOK, `{"Items":[{"armSkuName":"Standard_B2s","skuName":"B2s","productName":"BS Series","type":"Consumption","unitOfMeasure":"1 Hour","retailPrice":0.05}]}`
	}})
	size := func(name string) cloud.Resource {
		return cloud.Resource{ID: name, Service: "vms", Region: "westeurope", Attrs: []cloud.Attr{{Name: "vm_size", Value: name}}}
	}
	quotes, err := provider.Gather(conn.Driver().(provider.Pricer).Prices(t.Context(), providertest.Pointers([]cloud.Resource{size("Standard_B2s"), size("Standard_X9")})))
	if err != nil || len(quotes) != 1 || quotes[0].ID != "Standard_B2s" || len(asked.asked) != 3 {
		t.Errorf("got %+v, %v after %d calls; want one quote after three", quotes, err, len(asked.asked))
	}
}

func TestPricesFollowTheNextPage(t *testing.T) {
	t.Parallel()
	item := `{"armSkuName":"Standard_B2s","skuName":"B2s","productName":"BS Series","type":"Consumption","unitOfMeasure":"1 Hour","retailPrice":0.05}`
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){"/api/retail/prices": func(r *http.Request) (int, string) {
		if r.URL.Query().Get("$skip") == "" {
			return http.StatusOK, `{"Items":[],"NextPageLink":"https://prices.azure.com:443/api/retail/prices?$filter=x&$skip=100"}`
		}
		return http.StatusOK, `{"Items":[` + item + `],"NextPageLink":null}`
	}})
	quotes, err := provider.Gather(conn.Driver().(provider.Pricer).Prices(t.Context(), []*cloud.Resource{{
		ID: "x", Service: "vms", Region: "westeurope", Attrs: []cloud.Attr{{Name: "vm_size", Value: "Standard_B2s"}},
	}}))
	if err != nil || len(quotes) != 1 || quotes[0].Price.Low != 0.05 || len(asked.asked) != 2 {
		t.Errorf("got %+v, %v after %d calls; want the price of the second page", quotes, err, len(asked.asked))
	}
}
