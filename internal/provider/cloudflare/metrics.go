package cloudflare

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
)

// Metrics that Cloudflare alone has. "Today" is since 00:00 UTC. A free allowance is the account's, so every resource
// of the account shows the same share of it; it is that of the free plan also where the account pays, and 100 where it
// is used up. A sample interval above 1 says that the readings beside it are estimates from a sample.
const (
	subrequestsPerSec  = "subrequests_per_second"
	durationGBSeconds  = "duration_gb_seconds_per_second"
	sampleInterval     = "sample_interval_count"
	requestsToday      = "requests_today_count"
	freeRequests       = "free_requests_used_percent"
	uploadsCount       = "uploads_count"
	readQueriesPerSec  = "read_queries_per_second"
	writeQueriesPerSec = "write_queries_per_second"
	rowsReadPerSec     = "rows_read_per_second"
	rowsWrittenPerSec  = "rows_written_per_second"
	rowsReadToday      = "rows_read_today_count"
	rowsWrittenToday   = "rows_written_today_count"
	freeRowsRead       = "free_rows_read_used_percent"
	freeRowsWritten    = "free_rows_written_used_percent"
	latencyP90         = "latency_p90_seconds"
	readsPerSec        = "reads_per_second"
	writesPerSec       = "writes_per_second"
	deletesPerSec      = "deletes_per_second"
	listsPerSec        = "lists_per_second"
	bytesPerSec        = "value_bytes_per_second"
	readsToday         = "reads_today_count"
	writesToday        = "writes_today_count"
	freeReads          = "free_reads_used_percent"
	freeWrites         = "free_writes_used_percent"
	neuronsPerSec      = "neurons_per_second"
	inputTokensPerSec  = "input_tokens_per_second"
	outputTokensPerSec = "output_tokens_per_second"
	inferenceSeconds   = "inference_time_avg_seconds"
	neuronsToday       = "neurons_today_count"
	freeNeurons        = "free_neurons_used_percent"
	queueBytes         = "queue_depth_bytes"
	billableOpsPerSec  = "billable_operations_per_second"
	cpuSecondsPerSec   = "cpu_seconds_per_second"
)

// The free plan's daily allowances (the products' pricing pages; they start anew at 00:00 UTC).
const (
	dailyRequests    = 100_000
	dailyReads       = 100_000
	dailyWrites      = 1_000
	dailyRowsRead    = 5_000_000
	dailyRowsWritten = 100_000
	dailyNeurons     = 10_000
)

// metricsOf returns the metrics that the resources of a service can have.
func metricsOf(service string) []string {
	switch service {
	case workers:
		return []string{
			cloud.RequestsPerSec, cloud.ErrorsPerSec, cloud.ErrorPercent, cloud.CPUTimeP50Seconds, cloud.CPUTimeP99Seconds,
			cloud.LatencyP50Seconds, cloud.LatencyP99Seconds, subrequestsPerSec, durationGBSeconds,
			cloud.NetworkTxBytesPerSec, sampleInterval, requestsToday, freeRequests,
		}
	case pages:
		return []string{
			cloud.RequestsPerSec, cloud.ErrorsPerSec, cloud.ErrorPercent, cloud.CPUTimeP50Seconds, cloud.CPUTimeP99Seconds,
			subrequestsPerSec, durationGBSeconds, cloud.NetworkTxBytesPerSec, sampleInterval, requestsToday, freeRequests,
		}
	case r2:
		return []string{
			cloud.StorageBytes, cloud.ObjectsCount, uploadsCount, cloud.RequestsPerSec, cloud.ErrorsPerSec,
			cloud.ErrorPercent, cloud.NetworkTxBytesPerSec,
		}
	case d1:
		return []string{
			cloud.StorageBytes, readQueriesPerSec, writeQueriesPerSec, rowsReadPerSec, rowsWrittenPerSec,
			cloud.NetworkTxBytesPerSec, cloud.LatencyP50Seconds, latencyP90, sampleInterval, rowsReadToday,
			rowsWrittenToday, freeRowsRead, freeRowsWritten,
		}
	case kv:
		return []string{
			cloud.StorageBytes, cloud.ObjectsCount, cloud.RequestsPerSec, readsPerSec, writesPerSec, deletesPerSec,
			listsPerSec, bytesPerSec, cloud.LatencyP50Seconds, cloud.LatencyP99Seconds, sampleInterval, readsToday,
			writesToday, freeReads, freeWrites,
		}
	case ai:
		return []string{
			cloud.RequestsPerSec, neuronsPerSec, inputTokensPerSec, outputTokensPerSec, inferenceSeconds, neuronsToday,
			freeNeurons,
		}
	case queues:
		return []string{cloud.QueueDepthCount, queueBytes, readsPerSec, writesPerSec, deletesPerSec, billableOpsPerSec, sampleInterval}
	case durableObjects:
		return []string{
			cloud.RequestsPerSec, cloud.ErrorsPerSec, cloud.ErrorPercent, cloud.LatencyP50Seconds, cloud.LatencyP99Seconds,
			cloud.NetworkTxBytesPerSec, cpuSecondsPerSec, durationGBSeconds, rowsReadPerSec, rowsWrittenPerSec,
			subrequestsPerSec, sampleInterval,
		}
	}
	return nil
}

// Metrics implements provider.MetricsReader: it takes one service's part of the account's picture, then says which
// datasets are missing from it, and why.
func (d *driver) Metrics(ctx context.Context, refs []cloud.Ref, w cloud.Window) iter.Seq2[cloud.Sample, error] {
	return func(yield func(cloud.Sample, error) bool) {
		if len(refs) == 0 {
			return
		}
		account, service := refs[0].Account, refs[0].Service
		var scripts map[string]string
		if service == pages {
			var err error
			if scripts, err = d.scriptsOf(ctx, account, refs); err != nil {
				yield(cloud.Sample{}, err)
				return
			}
		}
		p, err := d.picture(ctx, account, service, w)
		if err != nil {
			yield(cloud.Sample{}, err)
			return
		}
		b := newBoard(p, refs)
		b.read(service, scripts)
		for i := range refs {
			for _, m := range b.of[refs[i].ID] {
				if !yield(cloud.Sample{ID: refs[i].ID, Metric: m}, nil) {
					return
				}
			}
		}
		for _, err := range p.gaps(service) {
			if !yield(cloud.Sample{}, err) {
				return
			}
		}
	}
}

// gaps says what is missing from a service's metrics.
func (p *picture) gaps(service string) []error {
	return p.gapsOf(slices.DeleteFunc(nodes(), func(n node) bool { return n.service != service }))
}

func (p *picture) gapsOf(mine []node) (out []error) {
	for _, dataset := range datasets(mine) {
		if err := p.failed[dataset]; err != nil {
			out = append(out, missing(dataset, err))
		}
	}
	for i := range mine {
		if err := p.lost[mine[i].alias]; err != nil {
			out = append(out, err)
		}
		if slices.Contains(p.short, mine[i].alias) {
			out = append(out, cloud.Partial(name+": read "+mine[i].dataset,
				"the answer ends at the most rows that it may have: the readings of what is used least are missing"))
		}
	}
	return out
}

// board collects the readings of the resources of one service.
type board struct {
	*picture
	at      time.Time // the end of the window
	seconds float64   // its length
	known   map[string]bool
	of      map[string][]cloud.Metric // by Ref.ID
}

func newBoard(p *picture, refs []cloud.Ref) *board {
	w := measured(p.window)
	b := &board{
		picture: p, at: w.To, seconds: w.To.Sub(w.From).Seconds(), known: make(map[string]bool, len(refs)),
		of: make(map[string][]cloud.Metric, len(refs)),
	}
	for i := range refs {
		b.known[refs[i].ID] = true
	}
	return b
}

// add adds v to a reading; the latest time stays.
func (b *board) add(id, metric string, v float64, at time.Time) {
	if !b.known[id] {
		return
	}
	all := b.of[id]
	for i := range all {
		if all[i].Name == metric {
			all[i].Value += v
			all[i].At = max(all[i].At, cloud.InstantOf(at))
			return
		}
	}
	b.of[id] = append(all, cloud.Metric{Name: metric, Value: v, At: cloud.InstantOf(at)})
}

// plus adds v, where there is one, divided by per.
func (b *board) plus(id, metric string, v loose.Number, per float64) {
	if v.Known && per > 0 {
		b.add(id, metric, v.Value/per, b.at)
	}
}

// rate adds v as an amount per second of the window.
func (b *board) rate(id, metric string, v loose.Number) { b.plus(id, metric, v, b.seconds) }

// sampled notes that the row is an estimate from one of several events.
func (b *board) sampled(id string, r *row) {
	if v := r.get("sampleInterval"); v.Value > 1 {
		b.add(id, sampleInterval, v.Value, b.at)
	}
}

// share derives the percentage of part in whole.
func (b *board) share(metric, part, whole string) {
	for id, all := range b.of {
		get := func(name string) (float64, bool) {
			i := slices.IndexFunc(all, func(m cloud.Metric) bool { return m.Name == name })
			if i < 0 {
				return 0, false
			}
			return all[i].Value, true
		}
		if w, ok := get(whole); ok && w > 0 {
			if p, ok := get(part); ok {
				b.add(id, metric, 100*p/w, b.at)
			}
		}
	}
}

// allowance gives every resource the share of the account's daily free allowance that is used.
func (b *board) allowance(metric string, used float64, counted bool, daily float64) {
	if !counted {
		return
	}
	for id := range maps.Keys(b.known) {
		b.add(id, metric, min(100, 100*used/daily), b.window.To)
	}
}

// total sums a reading over an answer; counted is false where it has none.
func (b *board) total(alias, sum string, keep func(*row) bool) (total float64, counted bool) {
	rows := b.rows[alias]
	for i := range rows {
		if v := rows[i].get(sum); v.Known && (keep == nil || keep(&rows[i])) {
			total, counted = total+v.Value, true
		}
	}
	return total, counted
}
