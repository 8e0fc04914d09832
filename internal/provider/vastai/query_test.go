package vastai

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestAQueryIsReadAsTheCommandLineReadsIt(t *testing.T) {
	t.Parallel()
	const verified, external, rentable, rented = `"verified":{"eq":true}`, `"external":{"eq":false}`, `"rentable":{"eq":true}`, `"rented":{"eq":false}`
	for query, want := range map[string]string{
		"":             "{" + external + "," + rentable + "," + rented + "," + verified + "}",
		" \t\n":        "{" + external + "," + rentable + "," + rented + "," + verified + "}",
		"num_gpus>=4":  `{"external":{"eq":false},"num_gpus":{"gte":4},"rentable":{"eq":true},"rented":{"eq":false},"verified":{"eq":true}}`,
		"verified=any": "{" + external + "," + rentable + "," + rented + "}",
		"verified = * external=? rented=any rentable=any":                   "{}",
		"verified=false external=any rented=any rentable=any":               `{"verified":{"eq":false}}`,
		"verified!=true external=any rented=any rentable=any":               `{"verified":{"neq":true}}`,
		off + "verified in [true, false]":                                   `{"verified":{"in":[true,false]}}`,
		off + "gpu_name=RTX_4090":                                           `{"gpu_name":{"eq":"RTX 4090"}}`,
		off + `gpu_name="RTX 4090"`:                                         `{"gpu_name":{"eq":"RTX 4090"}}`,
		off + `gpu_name in ["RTX 4090", 'H100 SXM',RTX_3090]`:               `{"gpu_name":{"in":["RTX 4090","H100 SXM","RTX 3090"]}}`,
		off + `gpu_name in ["a,b",]`:                                        `{"gpu_name":{"in":["a,b"]}}`,
		off + "geolocation not in [CN,VN]":                                  `{"geolocation":{"notin":["CN","VN"]}}`,
		off + "geolocation notin [CN]":                                      `{"geolocation":{"notin":["CN"]}}`,
		off + "geolocation nin[CN]":                                         `{"geolocation":{"notin":["CN"]}}`,
		off + "num_gpus in 1,2,4":                                           `{"num_gpus":{"in":[1,2,4]}}`,
		off + "num_gpus=1, static_ip=True":                                  `{"num_gpus":{"eq":1},"static_ip":{"eq":true}}`,
		off + "gpu_ram>10 gpu_ram<=24":                                      `{"gpu_ram":{"gt":10000,"lte":24000}}`,
		off + "cpu_ram gte 64 gpu_total_ram lt 80":                          `{"cpu_ram":{"gte":64000},"gpu_total_ram":{"lt":80000}}`,
		off + "duration>=1.5":                                               `{"duration":{"gte":129600}}`,
		off + "cuda_vers>=12.1 dph<0.5 dlperf_usd gt 10 flops_usd lte 9":    `{"cuda_max_good":{"gte":12.1},"dlperf_per_dphtotal":{"gt":10},"dph_total":{"lt":0.5},"flops_per_dphtotal":{"lte":9}}`,
		off + "driver_version >= 535.86.05":                                 `{"driver_version":{"gte":535086005}}`,
		off + "driver_version=535086005":                                    `{"driver_version":{"eq":535086005}}`,
		off + "gpu_arch != amd cpu_arch neq arm64":                          `{"cpu_arch":{"neq":"arm64"},"gpu_arch":{"neq":"amd"}}`,
		off + "cluster_id = null has_avx=1 num_gpus not eq 3 machine_id==7": `{"cluster_id":{"eq":null},"has_avx":{"eq":true},"machine_id":{"eq":7},"num_gpus":{"neq":3}}`,
		off + "min_bid<=-1":                                                 `{"min_bid":{"lte":-1}}`,
		off + "display_active=false":                                        `{"gpu_display_active":{"eq":false}}`,
		off + "num_gpus=1 num_gpus=2":                                       `{"num_gpus":{"eq":2}}`,
		off + "num_gpus>=2 num_gpus=any":                                    `{}`,
	} {
		f, err := conditions(cloud.OfferQuery{Native: query})
		if err != nil {
			t.Errorf("%q: %v", query, err)
			continue
		}
		if got, _ := json.Marshal(f); string(got) != want {
			t.Errorf("%q:\ngot  %s\nwant %s", query, got, want)
		}
	}
}

// off switches every default condition off.
const off = "verified=any external=any rentable=any rented=any "

func TestABadQueryIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"num_gpu>=4":              `column 1: there is no field num_gpu: did you mean num_gpus?`,
		"dph<1 gpu_nam=L4":        `column 7: there is no field gpu_nam: did you mean gpu_name?`,
		"zzz=1":                   `column 1: there is no field zzz`,
		">=4":                     `column 1: a field is expected`,
		"num_gpus":                `column 9: an operator is expected after num_gpus`,
		"num_gpus 4":              `column 9: an operator is expected after num_gpus`,
		"num_gpus=>4":             `column 9: an operator is expected after num_gpus`,
		"num_gpus inside [4]":     `column 9: an operator is expected`,
		"num_gpus not [4]":        `column 9: an operator is expected`,
		"num_gpus>=":              `column 11: num_gpus has no value`,
		"num_gpus in []":          `column 13: num_gpus has no value`,
		"num_gpus>=four":          `column 11: num_gpus wants a number, not "four"`,
		"num_gpus=NaN":            `column 10: num_gpus wants a number, not "NaN"`,
		"num_gpus=1e999":          `column 10: num_gpus wants a number`,
		"duration>1e308":          `column 10: duration wants a number`,
		"verified=maybe":          `column 10: verified wants true or false, not "maybe"`,
		"verified>true":           `column 10: verified is true or false: it goes with =, !=, in and notin only`,
		"verified!=any":           `column 11: any goes with = only`,
		"num_gpus=[1,2]":          `column 10: a list goes with in and notin only`,
		"num_gpus=1,2":            `column 10: a list goes with in and notin only`,
		"geolocation in [US,CA":   `column 16: the list that begins here has no end: ] is missing`,
		"geolocation in [US CA]":  `column 20: a comma or ] is expected`,
		"geolocation in [[US]]":   `column 17: a comma or ] is expected`,
		`gpu_name="RTX 4090`:      `column 10: the text that begins here has no end: " is missing`,
		`gpu_name="L4"num_gpus=1`: `column 14: a blank is expected before the next comparison`,
		"driver_version>535.86":   `column 16: driver_version wants a version of three numbers`,
		"driver_version=1.2.abc":  `column 16: driver_version wants a version of three numbers`,
		"gpu_name=größe wrong=1":  `column 16: there is no field wrong`,
	} {
		_, err := parseQuery(query)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\ngot  %v\nwant ... %s", query, err, want)
		}
		if err != nil && cloud.KindOf(err) != cloud.KindConfig {
			t.Errorf("%q: got kind %s, want %s", query, cloud.KindOf(err), cloud.KindConfig)
		}
	}
}

func TestOwnFieldsOfAQueryAreConditionsToo(t *testing.T) {
	t.Parallel()
	f, err := conditions(cloud.OfferQuery{GPUCount: 4, GPUMemoryGB: 24, MaxPrice: 1.5, Region: "us", Native: off})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"dph_total":{"lte":1.5},"geolocation":{"eq":"US"},"gpu_ram":{"gte":24000},"num_gpus":{"gte":4}}`
	if got, _ := json.Marshal(f); string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEveryFieldIsOfOneKindAndAliasesLeadToFields(t *testing.T) {
	t.Parallel()
	all := slices.Concat(booleanFields(), textFields(), numericFields())
	slices.Sort(all)
	if twice := len(all) - len(slices.Compact(slices.Clone(all))); twice > 0 {
		t.Errorf("%d fields are in two lists", twice)
	}
	for _, a := range []string{"cuda_vers", "display_active", "dlperf_usd", "dph", "flops_usd"} {
		if alias(a) == a || kindOf(alias(a)) == 0 {
			t.Errorf("alias %s leads to %q, which is no field", a, alias(a))
		}
	}
}

// FuzzParseQuery checks that no query does harm: what is accepted can be sent, with the API's operators on the API's
// fields, and what is not is refused with a column within the query.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{
		"", "num_gpus>=4 gpu_name=RTX_4090 reliability>0.98 geolocation in [US,CA] verified=any", `gpu_name in ["RTX 4090", 'L4']`,
		"geolocation not in [CN]", "duration>24 gpu_ram>10 cuda_vers>=12.1", "a[", `x="`, "num_gpus=1,", "größe=1", "verified=any,",
	} {
		f.Add(seed)
	}
	ops := []string{"eq", "neq", "gt", "gte", "lt", "lte", "in", "notin"}
	f.Fuzz(func(t *testing.T, query string) {
		all, err := parseQuery(query)
		if err != nil {
			if cloud.KindOf(err) != cloud.KindConfig || !strings.Contains(err.Error(), "column ") {
				t.Fatalf("%q: %v has no column or kind %s", query, err, cloud.KindOf(err))
			}
			return
		}
		for _, c := range all {
			if kindOf(c.field) == 0 || !slices.Contains(ops, c.op) {
				t.Fatalf("%q: %+v is no condition of the API", query, c)
			}
			if _, list := c.value.([]any); list != (c.op == "in" || c.op == "notin") {
				t.Fatalf("%q: %+v has a list where it should not, or none where it should", query, c)
			}
		}
		conds, err := conditions(cloud.OfferQuery{Native: query})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(conds.body(onDemand, 1)); err != nil {
			t.Fatalf("%q cannot be sent: %v", query, err)
		}
	})
}
