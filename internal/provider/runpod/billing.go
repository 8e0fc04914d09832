package runpod

import (
	"context"
	"iter"
	"net/url"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
)

// amounts is the schema BillingAmounts, USD.
type amounts struct {
	TotalAmount                                                                         loose.Number
	PodGPUAmount, PodCPUAmount, PodDiskAmount                                           loose.Number
	ServerlessGPUAmount, ServerlessCPUAmount, ServerlessDiskAmount, ServerlessFeeAmount loose.Number
	StorageStandardAmount, StorageHighPerformanceAmount                                 loose.Number
	EndpointAmount                                                                      loose.Number // public endpoints
	ClusterGPUAmount, ClusterDiskAmount, ClusterNetworkingAmount                        loose.Number
}

// bill is the schema ListBillingResponse without its records, which the totals sum up.
type bill struct {
	Metadata struct {
		Query  struct{ StartTime, EndTime loose.Time }
		Totals *amounts
	}
}

// Costs reads what was billed in the period, in all and by service: one call. v2 tells no balance.
func (d *driver) Costs(ctx context.Context, p cloud.Period) iter.Seq2[cloud.Cost, error] {
	const op = "read billing"
	return func(yield func(cloud.Cost, error) bool) {
		if !p.To.After(p.From) {
			return
		}
		var answer bill
		q := url.Values{
			"startTime": {p.From.UTC().Format(time.RFC3339)}, "endTime": {p.To.UTC().Format(time.RFC3339)},
			"bucketSize": {"day"},
		}
		if _, err := d.api.Get(ctx, op, "/billing", q, &answer); err != nil {
			yield(cloud.Cost{}, err)
			return
		}
		if answer.Metadata.Totals == nil {
			yield(cloud.Cost{}, lacking(op, "totals"))
			return
		}
		for _, c := range answer.costs(p, d.now()) {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// costs returns the amounts that are told: of the whole account, and of each service. The period is that of the whole
// days that the answer covers, as far as they are over, to the minute.
func (b *bill) costs(p cloud.Period, now time.Time) []cloud.Cost {
	if q := &b.Metadata.Query; !q.StartTime.IsZero() && !q.EndTime.IsZero() {
		p = cloud.Period{From: q.StartTime.Time, To: q.EndTime.Time}
		if minute := now.Truncate(time.Minute); minute.Before(p.To) && minute.After(p.From) {
			p.To = minute
		}
	}
	t := b.Metadata.Totals
	var out []cloud.Cost
	for _, part := range []struct {
		service string
		amounts []loose.Number
	}{
		{"", []loose.Number{t.TotalAmount}},
		{pods, []loose.Number{t.PodGPUAmount, t.PodCPUAmount, t.PodDiskAmount}},
		{serverless, []loose.Number{t.ServerlessGPUAmount, t.ServerlessCPUAmount, t.ServerlessDiskAmount, t.ServerlessFeeAmount}},
		{volumes, []loose.Number{t.StorageStandardAmount, t.StorageHighPerformanceAmount}},
		{clusters, []loose.Number{t.ClusterGPUAmount, t.ClusterDiskAmount, t.ClusterNetworkingAmount}},
		{"public_endpoints", []loose.Number{t.EndpointAmount}},
	} {
		if sum := sumOf(part.amounts); sum.Known {
			out = append(out, cloud.Cost{
				Account: name, Service: part.service, Kind: cloud.CostSpend, Amount: sum.Value, Currency: "USD",
				From: p.From.UTC(), To: p.To.UTC(), Source: "billing", At: now,
			})
		}
	}
	return out
}

// sumOf adds the numbers that are known; of none the sum is unknown.
func sumOf(all []loose.Number) (sum loose.Number) {
	for _, n := range all {
		if n.Known {
			sum = loose.Of(sum.Value + n.Value)
		}
	}
	return sum
}
