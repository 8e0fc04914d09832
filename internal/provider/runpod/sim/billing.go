package runpodsim

import (
	"math"
	"net/http"
	"time"
)

// dailyBill is what each part of the account costs a day, in USD.
func (c *cloud) dailyBill() map[string]float64 {
	bill := map[string]float64{}
	for _, name := range []string{
		"podGpuAmount", "podCpuAmount", "podDiskAmount", "serverlessGpuAmount", "serverlessCpuAmount",
		"serverlessDiskAmount", "serverlessFeeAmount", "storageStandardAmount", "storageHighPerformanceAmount",
		"endpointAmount", "clusterGpuAmount", "clusterDiskAmount", "clusterNetworkingAmount",
	} {
		bill[name] = 0
	}
	for _, p := range c.pods {
		switch {
		case p.cluster != nil:
			bill["clusterGpuAmount"] += 24 * p.cost
		case p.gpu != nil:
			bill["podGpuAmount"] += 24 * p.cost
		default:
			bill["podCpuAmount"] += 24 * p.cost
		}
	}
	for _, e := range c.endpoints {
		bill["serverlessGpuAmount"] += e.gpu.serverless * float64(e.counts()["RUNNING"]) * 24
	}
	for _, v := range c.volumes {
		bill["storageStandardAmount"] += 0.07 * float64(v.sizeGB) / 30
	}
	return bill
}

// bill answers GET /v2/billing: one record for each day of the period, and their totals.
func (c *cloud) bill(r *http.Request) (any, *problem) {
	q := r.URL.Query()
	if size := q.Get("bucketSize"); size != "" && size != "day" {
		return nil, &problem{Status: 422, Detail: "Request validation failed.", Errors: []string{"bucketSize: only day is simulated"}}
	}
	now := c.world.Now()
	from, to := now.AddDate(0, 0, -30), now
	for name, at := range map[string]*time.Time{"startTime": &from, "endTime": &to} {
		if v := q.Get(name); v != "" {
			t, err := time.Parse(time.RFC3339, v)
			if err != nil {
				return nil, &problem{Status: 422, Detail: "Request validation failed.", Errors: []string{name + ": must be RFC 3339"}}
			}
			*at = t
		}
	}
	from = from.UTC().Truncate(24 * time.Hour)
	daily := c.dailyBill()
	records := []map[string]any{}
	totals := map[string]any{}
	sum := 0.0
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		record := map[string]any{"startTime": day.Format(stamp), "endTime": day.AddDate(0, 0, 1).Format(stamp)}
		total := 0.0
		for k, v := range daily {
			record[k] = cents(v)
			total += cents(v)
		}
		total = cents(total) // the order of the parts must not show
		record["totalAmount"] = total
		records = append(records, record)
		sum += total
	}
	for k, v := range daily {
		totals[k] = cents(v) * float64(len(records))
	}
	totals["totalAmount"] = cents(sum)
	return map[string]any{"records": records, "metadata": map[string]any{
		"query":       map[string]any{"startTime": from.Format(stamp), "endTime": to.UTC().Format(stamp), "bucketSize": "day"},
		"recordCount": len(records), "totals": totals,
	}}, nil
}

func cents(v float64) float64 { return math.Round(v*100) / 100 }
