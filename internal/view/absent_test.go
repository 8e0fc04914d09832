package view

import (
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/hub"
)

func TestNamesThatNoRowHasAreTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query   Query
		columns []string
		want    []string
	}{
		"nothing is asked":               {Query{}, nil, nil},
		"columns that rows have":         {Query{}, []string{"name", "attrs.shape", "tags.env", "Attrs.SPOT"}, nil},
		"a known column without a value": {Query{}, []string{"gpu_memory", "metrics_at"}, nil},
		"a known metric without a value": {Query{}, []string{"gpu_power_watts", "metrics.gpu_power_watts"}, nil},
		"an attribute": {
			Query{}, []string{"attrs.nope"}, []string{`--columns: none of the resources has an attribute "nope"`},
		},
		"an attribute mistyped": {
			Query{}, []string{"attrs.shpae"}, []string{`--columns: none of the resources has an attribute "shpae" (did you mean "attrs.shape"?)`},
		},
		"a tag, whose case counts": {
			Query{}, []string{"tags.Env"}, []string{`--columns: none of the resources has a tag "Env" (did you mean "tags.env"?)`},
		},
		"a metric": {
			Query{Sort: "-metrics.nope"}, nil, []string{`--sort: none of the resources has a metric "nope"`},
		},
		"a bare name with a unit": {
			Query{Sort: "spin_percent"}, nil, []string{`--sort: none of the resources has a metric, an attribute or a tag "spin_percent"`},
		},
		"in every flag, each once": {
			Query{Sort: "-attrs.nope,attrs.nope", Filter: "attrs.nope=1 or not (attrs.shap=E4 and attrs.nope=2)"}, []string{"attrs.nope"},
			[]string{
				`--columns: none of the resources has an attribute "nope"`, `--filter: none of the resources has an attribute "nope"`,
				`--filter: none of the resources has an attribute "shap" (did you mean "attrs.shape"?)`,
				`--sort: none of the resources has an attribute "nope"`,
			},
		},
		"of offers": {
			Query{Kind: Offers, Filter: "attrs.hots_id=7"}, nil, []string{`--filter: none of the offers has an attribute "hots_id" (did you mean "attrs.host_id"?)`},
		},
		"of offers that have it": {Query{Kind: Offers, Filter: "attrs.host_id=7", Sort: "attrs.host_id"}, nil, nil},
	} {
		if got := c.query.Absent(world(), c.columns); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

func TestNothingIsOddWhereThereAreNoRows(t *testing.T) {
	t.Parallel()
	q := Query{Sort: "attrs.nope", Filter: "attrs.nope=1"}
	if got := q.Absent(&hub.Snapshot{At: at(), Done: true}, []string{"attrs.nope"}); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}
