package azure

import (
	"encoding/json"
	"testing"
)

// entry is an entry of the list as it is published, changed by some fields.
func entry(t *testing.T, change string) *retailItem {
	t.Helper()
	it := &retailItem{}
	for _, text := range []string{
		`{"currencyCode":"USD","tierMinimumUnits":0.0,"retailPrice":0.23,"unitPrice":0.23,"armRegionName":"westeurope","location":"EU West",
		"effectiveStartDate":"2025-06-01T00:00:00Z","meterId":"m","meterName":"D4s v5","productId":"DZH318Z0BQPS","skuId":"DZH318Z0BQPS/01",
		"productName":"Virtual Machines Dsv5 Series","skuName":"D4s v5","serviceName":"Virtual Machines","serviceId":"DZH313Z7MMC8",
		"serviceFamily":"Compute","unitOfMeasure":"1 Hour","type":"Consumption","isPrimaryMeterRegion":true,"armSkuName":"Standard_D4s_v5"}`, change,
	} {
		if err := json.Unmarshal([]byte(text), it); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	return it
}

func TestEntriesThatCount(t *testing.T) {
	t.Parallel()
	usd := func(v float64) *float64 { return &v }
	for name, tt := range map[string]struct {
		entries []string
		want    priced
	}{
		"Linux":                          {[]string{`{}`}, priced{linux: usd(0.23)}},
		"Windows":                        {[]string{`{"productName":"Virtual Machines Dsv5 Series Windows"}`}, priced{windows: usd(0.23)}},
		"Spot":                           {[]string{`{"skuName":"D4s v5 Spot"}`}, priced{linuxSpot: usd(0.23)}},
		"Spot on Windows":                {[]string{`{"skuName":"D4s v5 Spot","productName":"Dsv5 Series Windows"}`}, priced{windowsSpot: usd(0.23)}},
		"Low Priority is another offer":  {[]string{`{"skuName":"D4s v5 Low Priority"}`}, priced{}},
		"a reservation":                  {[]string{`{"type":"Reservation","retailPrice":1200}`}, priced{}},
		"for developers":                 {[]string{`{"type":"DevTestConsumption"}`}, priced{}},
		"another unit":                   {[]string{`{"unitOfMeasure":"1/Month"}`}, priced{}},
		"ten hours":                      {[]string{`{"unitOfMeasure":"10 Hours"}`}, priced{}},
		"a tier":                         {[]string{`{"tierMinimumUnits":100}`}, priced{}},
		"Cloud Services":                 {[]string{`{"productName":"Dsv5 Series CloudServices"}`}, priced{}},
		"no price":                       {[]string{`{"retailPrice":null}`}, priced{}},
		"a price that is none":           {[]string{`{"retailPrice":"free"}`}, priced{}},
		"nothing is not a price":         {[]string{`{"retailPrice":0}`}, priced{}},
		"a price as text":                {[]string{`{"retailPrice":"0.5"}`}, priced{linux: usd(0.5)}},
		"the newer one":                  {[]string{`{}`, `{"retailPrice":0.3,"effectiveStartDate":"2025-07-01T00:00:00Z"}`}, priced{linux: usd(0.3)}},
		"the newer one comes first":      {[]string{`{"retailPrice":0.3,"effectiveStartDate":"2025-07-01T00:00:00Z"}`, `{}`}, priced{linux: usd(0.3)}},
		"the primary meter, though old":  {[]string{`{"effectiveStartDate":"2021-01-01T00:00:00Z"}`, `{"retailPrice":0.3,"isPrimaryMeterRegion":false}`}, priced{linux: usd(0.23)}},
		"the primary meter comes second": {[]string{`{"retailPrice":0.3,"isPrimaryMeterRegion":false}`, `{}`}, priced{linux: usd(0.23)}},
		"a date that is none is old":     {[]string{`{"retailPrice":0.3,"effectiveStartDate":"soon"}`, `{}`}, priced{linux: usd(0.23)}},
		"all four": {
			[]string{
				`{}`, `{"retailPrice":0.4,"productName":"Dsv5 Series Windows"}`, `{"retailPrice":0.05,"skuName":"D4s v5 Spot"}`,
				`{"retailPrice":0.1,"skuName":"D4s v5 Spot","productName":"Dsv5 Series Windows"}`,
			}, priced{linux: usd(0.23), windows: usd(0.4), linuxSpot: usd(0.05), windowsSpot: usd(0.1)},
		},
	} {
		found := map[string]*offers{}
		for _, e := range tt.entries {
			entry(t, e).sort(found)
		}
		got := found["standard_d4s_v5"].priced()
		for _, p := range []struct {
			way       string
			got, want *float64
		}{{"Linux", got.linux, tt.want.linux}, {"Windows", got.windows, tt.want.windows}, {"Spot", got.linuxSpot, tt.want.linuxSpot}, {"Windows Spot", got.windowsSpot, tt.want.windowsSpot}} {
			if (p.got == nil) != (p.want == nil) || p.got != nil && *p.got != *p.want {
				t.Errorf("%s: %s: got %s, want %s", name, p.way, dollars(p.got), dollars(p.want))
			}
		}
	}
}

func dollars(v *float64) string {
	text, _ := json.Marshal(v)
	return string(text)
}

func FuzzPrices(f *testing.F) {
	f.Add([]byte(`{"Items":[{"armSkuName":"a","skuName":"a Spot","type":"Consumption","unitOfMeasure":"1 Hour","retailPrice":0.1}],"NextPageLink":null}`))
	f.Add([]byte(`{"Items":[{"armSkuName":"a","type":"Consumption","unitOfMeasure":"1 Hour","retailPrice":"x","effectiveStartDate":7}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var page retailPage
		if err := odd("read prices", json.Unmarshal(data, &page)); err != nil && !partial(err) {
			return
		}
		found := map[string]*offers{}
		for i := range page.Items {
			page.Items[i].sort(found)
		}
		for size, o := range found {
			p := o.priced()
			for _, v := range []*float64{p.linux, p.windows, p.linuxSpot, p.windowsSpot} {
				if v != nil && !(*v > 0) {
					t.Errorf("%s costs %v in %s", size, *v, data)
				}
			}
		}
	})
}

func FuzzMetrics(f *testing.F) {
	f.Add([]byte(`{"interval":"PT1M","value":[{"name":{"value":"Percentage CPU"},"errorCode":"Success","timeseries":[{"data":[{"timeStamp":"2026-11-01T11:58:00Z","average":3}]}]}]}`))
	f.Add([]byte(`{"interval":"PT5M","value":[{"name":{"value":"Network In Total"},"timeseries":[{"data":[{"timeStamp":"2026-11-01T11:50:00","total":"60"}]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a metricAnswer
		if err := odd("read metrics", json.Unmarshal(data, &a)); err != nil && !partial(err) {
			return
		}
		k := vmKind()
		b := &batch{group: &group{kind: &k}, metrics: k.metrics}
		b.window.To = moment("2026-11-01T12:00:00Z")
		var out reading
		failed := map[string]int{}
		b.take("id", a, &out, failed)
		for _, s := range out.samples {
			if s.ID != "id" || s.Metric.Name == "" || s.Metric.At.Time().After(b.window.To) {
				t.Errorf("got %+v from %s", s, data)
			}
		}
		if len(out.samples) > len(a.Value) {
			t.Errorf("%d samples of %d metrics", len(out.samples), len(a.Value))
		}
	})
}
