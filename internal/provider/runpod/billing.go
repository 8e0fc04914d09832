package runpod

import (
	"context"
	"iter"
	"net/url"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// amounts is the schema BillingAmounts, USD.
type amounts struct {
	TotalAmount                  float64
	PodGPUAmount                 float64
	PodCPUAmount                 float64
	PodDiskAmount                float64
	ServerlessGPUAmount          float64
	ServerlessCPUAmount          float64
	ServerlessDiskAmount         float64
	ServerlessFeeAmount          float64
	StorageStandardAmount        float64
	StorageHighPerformanceAmount float64
	EndpointAmount               float64 // public endpoints
	ClusterGPUAmount             float64
	ClusterDiskAmount            float64
	ClusterNetworkingAmount      float64
}

// Costs reads what was billed in the period, in all and by service: one call. v2 tells no balance.
func (d *driver) Costs(ctx context.Context, p cloud.Period) iter.Seq2[cloud.Cost, error] {
	return func(yield func(cloud.Cost, error) bool) {
		var answer struct {
			Metadata struct {
				Query  struct{ StartTime, EndTime time.Time }
				Totals *amounts
			}
		}
		q := url.Values{
			"startTime": {p.From.UTC().Format(time.RFC3339)}, "endTime": {p.To.UTC().Format(time.RFC3339)},
			"bucketSize": {"day"},
		}
		if _, err := d.api.Get(ctx, "read billing", "/billing", q, &answer); err != nil {
			yield(cloud.Cost{}, err)
			return
		}
		t := answer.Metadata.Totals
		if t == nil {
			yield(cloud.Cost{}, &cloud.Error{Kind: cloud.KindResponse, Op: "runpod: read billing", Detail: "answer has no totals"})
			return
		}
		for _, part := range []struct {
			service string
			amount  float64
		}{
			{"", t.TotalAmount},
			{pods, t.PodGPUAmount + t.PodCPUAmount + t.PodDiskAmount},
			{serverless, t.ServerlessGPUAmount + t.ServerlessCPUAmount + t.ServerlessDiskAmount + t.ServerlessFeeAmount},
			{volumes, t.StorageStandardAmount + t.StorageHighPerformanceAmount},
			{clusters, t.ClusterGPUAmount + t.ClusterDiskAmount + t.ClusterNetworkingAmount},
			{"public_endpoints", t.EndpointAmount},
		} {
			c := cloud.Cost{
				Account: name, Service: part.service, Kind: cloud.CostSpend, Amount: part.amount, Currency: "USD",
				From: answer.Metadata.Query.StartTime.UTC(), To: answer.Metadata.Query.EndTime.UTC(),
				Source: "billing", At: d.now(),
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}
